import { Module } from '@nestjs/common';
import { SourceRepository } from './source.repository.js';
import { SourcesService } from './sources.service.js';

/** Follows Git sources. */
@Module({ providers: [SourceRepository, SourcesService], exports: [SourcesService] })
export class SourcesModule {}
