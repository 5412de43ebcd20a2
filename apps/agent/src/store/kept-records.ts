import type { RecordsWitness, Version } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import type { Logger } from '@flotilla/telemetry';
import { KubeSecrets } from './kube-secrets.js';
import { SecretIdentity } from './secret-identity.js';
import { SecretRecords } from './secret-records.js';

export interface KeptOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly logger: Logger;
  /** A Secret that somebody had deleted or changed is whole again. */
  restored(): void;
}

/** Everything the agent keeps in its cluster, and the watch over it. */
export class KeptRecords {
  readonly records: SecretRecords;
  readonly identity: SecretIdentity;
  private readonly secrets: KubeSecrets;
  private readonly stopping = new AbortController();

  constructor(private readonly options: KeptOptions) {
    const { logger } = options;
    this.secrets = new KubeSecrets(options.client, options.namespace);
    this.identity = new SecretIdentity(this.secrets);
    this.records = new SecretRecords(this.secrets, {
      damaged: (secret, damage) => {
        logger.error({ secret }, `a Secret of the agent was ${damage} by hand: writes it again, whole`);
        options.restored();
      },
      unreadable: (record) => logger.error({ record }, 'a record is damaged and counts as lost'),
    });
  }

  /** The version up to which records are lost; undefined when all that the Lease bears witness of are there. */
  lostUpTo({ held, records }: RecordsWitness): Version | undefined {
    const present = new Set(this.records.inUse);
    const missing = records.filter((number) => !present.has(number));
    if (missing.length === 0) return undefined;
    this.options.logger.error({ missing }, 'Secrets with records are gone: nothing is deleted for what they held');
    return held;
  }

  follow(): void {
    const seen = (name: string, resourceVersion: string | undefined): void => {
      this.records.seen(name, resourceVersion, this.stopping.signal);
      void this.identity.seen(name, resourceVersion).then(
        (isMade) =>
          isMade ? this.options.logger.error('the identity was deleted by hand: makes it again') : undefined,
        (error: unknown) =>
          this.options.logger.error({ reason: (error as Error).message }, 'cannot make the identity again'),
      );
    };
    void this.secrets.follow(this.stopping.signal, seen);
  }

  stop(): void {
    this.stopping.abort();
  }
}
