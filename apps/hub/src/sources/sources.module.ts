import { Module } from '@nestjs/common';
import { SourceRepository } from './source.repository.js';
import { SourcesController } from './sources.controller.js';
import { SourcesService } from './sources.service.js';

/** Follows Git sources. */
@Module({ controllers: [SourcesController], providers: [SourceRepository, SourcesService], exports: [SourcesService] })
export class SourcesModule {}
