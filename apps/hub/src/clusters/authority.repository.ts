import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const AUTHORITY_LOCK = 7_365_003;

export interface StoredAuthority {
  readonly state: 'present' | 'next';
  readonly certificate: Buffer;
  readonly sealedKey: Buffer;
}

@Injectable()
export class AuthorityRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The authorities in use. When there is none, `make` gives the first; of several hubs that start at once, one makes it. */
  async loadOrCreate(make: () => Promise<Omit<StoredAuthority, 'state'>>): Promise<StoredAuthority[]> {
    return this.dataSource.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [AUTHORITY_LOCK]);
      const select = `SELECT state, certificate, sealed_key AS "sealedKey" FROM authority WHERE state <> 'retired' ORDER BY id`;
      const found = await tx.query<StoredAuthority[]>(select);
      if (found.length > 0) return found;
      const { certificate, sealedKey } = await make();
      await tx.query(`INSERT INTO authority (state, certificate, sealed_key) VALUES ('present', $1, $2)`, [
        certificate,
        sealedKey,
      ]);
      return tx.query<StoredAuthority[]>(select);
    });
  }
}
