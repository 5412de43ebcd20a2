import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiTokenRepository } from './api-token.repository.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { RolesGuard } from './roles.guard.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

@Global()
@Module({
  controllers: [TokensController, AuditController],
  providers: [ApiTokenRepository, AuditRepository, TokensService, { provide: APP_GUARD, useClass: RolesGuard }],
  exports: [TokensService, AuditRepository],
})
export class AccessModule {}
