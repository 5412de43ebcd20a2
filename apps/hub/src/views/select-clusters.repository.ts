import { Inject, Injectable } from '@nestjs/common';
import { Fault, matchSelector, parseSelector } from '@flotilla/domain';
import { DataSource } from 'typeorm';

/** Which clusters a label selector chooses, in the syntax of kubectl. */
@Injectable()
export class SelectClustersRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Ids; undefined when no selector is given, which means all. @throws Fault badInput */
  async ids(text: string | undefined): Promise<number[] | undefined> {
    if (text === undefined || text.trim() === '') return undefined;
    const parsed = parseSelector(text);
    if (!parsed.ok) throw new Fault('badInput', `selector: ${parsed.error.message}`);
    const clusters = await this.dataSource.query<{ id: number; labels: Record<string, string> }[]>(
      `SELECT id, labels FROM cluster WHERE state <> 'removed'`,
    );
    return clusters.filter(({ labels }) => matchSelector(parsed.selector, labels)).map(({ id }) => id);
  }
}
