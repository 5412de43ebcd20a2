import { Inject, Injectable } from '@nestjs/common';
import type { WindowDefinition } from '@flotilla/domain';
import { DataSource } from 'typeorm';

export interface WindowRow {
  readonly name: string;
  readonly body: WindowDefinition;
  readonly file: string;
  readonly line: number;
  readonly frozenBecause: string;
  /** Unix ms by the database's clock. */
  readonly now: number;
}

@Injectable()
export class WindowsViewRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The windows in force, by name. */
  list(): Promise<WindowRow[]> {
    return this.dataSource.query(
      `SELECT name, body, file, line, frozen_because AS "frozenBecause", floor(extract(epoch FROM now()) * 1000)::float8 AS now
       FROM definition WHERE kind = 'Window' ORDER BY name`,
    );
  }
}
