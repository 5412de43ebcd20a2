import { Fault } from '@flotilla/domain';
import type { Identity, IdentityStore } from './identity.js';
import type { Secrets, StoredSecret } from './secrets.port.js';

const NAME = 'flotilla-identity';
const PENDING_KEY = 'pending.key';

/** Data keys of the Secret, as tools for certificates name them. */
const KEYS = {
  key: 'tls.key',
  certificate: 'tls.crt',
  trust: 'ca.crt',
  clusterId: 'cluster-id',
  clusterName: 'cluster-name',
  agentsAddress: 'hub-address',
  joinTokenId: 'join-token-id',
} satisfies Record<keyof Identity, string>;

/** The identity in a Secret of its own. */
export class SecretIdentity implements IdentityStore {
  private stored: StoredSecret | undefined;

  constructor(private readonly secrets: Secrets) {}

  async load(): Promise<Identity | undefined> {
    this.stored = await this.secrets.find(NAME);
    const data = this.stored?.data ?? {};
    const values = Object.entries(KEYS).map(([field, key]) => [field, textOf(data[key])] as const);
    if (values.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(values) as unknown as Identity;
  }

  save(identity: Identity): Promise<void> {
    const entries = Object.entries(KEYS).map(
      ([field, key]) => [key, Buffer.from(identity[field as keyof Identity])] as const,
    );
    return this.write({ ...Object.fromEntries(entries), [PENDING_KEY]: undefined });
  }

  /** The cluster told of it: one that was deleted by hand is made again. True when it was. */
  async seen(name: string, resourceVersion: string | undefined): Promise<boolean> {
    if (name !== NAME || resourceVersion !== undefined || this.stored === undefined) return false;
    if ((await this.secrets.find(NAME)) !== undefined) return false;
    this.stored = await this.create(this.stored.data);
    return true;
  }

  loadPendingKey(): Promise<string | undefined> {
    return Promise.resolve(textOf(this.stored?.data[PENDING_KEY]));
  }

  savePendingKey(key: string): Promise<void> {
    return this.write({ [PENDING_KEY]: Buffer.from(key) });
  }

  private async write(data: Readonly<Record<string, Uint8Array | undefined>>): Promise<void> {
    this.stored = this.stored === undefined ? await this.create(data) : await this.change(this.stored, data);
  }

  private create(data: Readonly<Record<string, Uint8Array | undefined>>): Promise<StoredSecret> {
    const present = Object.entries(data).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined);
    return this.secrets.create(NAME, Object.fromEntries(present));
  }

  private async change(
    stored: StoredSecret,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret> {
    try {
      return await this.secrets.patch(NAME, stored.resourceVersion, data);
    } catch (error) {
      if (!(error instanceof Fault) || (error.code !== 'conflict' && error.code !== 'notFound')) throw error;
      const live = await this.secrets.find(NAME);
      // Whole: what somebody deleted by hand is still known.
      if (live === undefined) return this.create({ ...stored.data, ...data });
      return this.secrets.patch(NAME, live.resourceVersion, { ...stored.data, ...data });
    }
  }
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString('utf8');
}
