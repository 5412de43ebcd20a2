import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeaderService } from '../database/index.js';

@Injectable()
export class ReadinessRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  get leading(): boolean {
    return this.leader.leading;
  }

  async answers(): Promise<boolean> {
    return this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}
