import type { JsonObject, KubeObject } from '@flotilla/domain';
import type { FollowEvent, KubeClient } from '@flotilla/kube';
import { followResource, isApiFault } from '@flotilla/kube';
import { OWN_LABELS, OWN_SECRETS, SECRETS, SECRET_TYPE, textAt } from './kube-types.js';
import type { Secrets, StoredSecret } from './secrets.port.js';

/** The agent's Secrets in its cluster. */
export class KubeSecrets implements Secrets {
  constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
  ) {}

  async list(): Promise<readonly StoredSecret[]> {
    const { items } = await this.client.list(SECRETS, this.namespace, { fieldSelector: OWN_SECRETS });
    return items.map(readSecret);
  }

  async find(name: string): Promise<StoredSecret | undefined> {
    const found = await this.client.find(this.address(name));
    return found === undefined ? undefined : readSecret(found);
  }

  /** Metadata is enough to see that somebody was there. */
  async follow(signal: AbortSignal, seen: Parameters<Secrets['follow']>[1]): Promise<void> {
    const known = new Set<string>();
    const options = { fieldSelector: OWN_SECRETS, namespace: this.namespace, metadataOnly: true, signal };
    for await (const event of followResource(this.client, SECRETS, options)) {
      for (const [name, version] of versionsIn(event, known)) seen(name, version);
    }
  }

  async create(name: string, data: StoredSecret['data']): Promise<StoredSecret> {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: this.namespace, labels: OWN_LABELS },
      type: SECRET_TYPE,
      data: printData(data),
    };
    return readSecret(await this.client.create(SECRETS, secret));
  }

  async patch(
    name: string,
    resourceVersion: string,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret> {
    const patch = { metadata: { resourceVersion, labels: OWN_LABELS }, data: printData(data) };
    return readSecret(await this.client.patch(this.address(name), patch, { type: 'merge' }));
  }

  async remove(name: string): Promise<void> {
    const found = await this.client.find(this.address(name));
    if (found === undefined) return;
    try {
      await this.client.delete(this.address(name), { uid: textAt(found.metadata, 'uid') });
    } catch (error) {
      if (!isApiFault(error, 'NotFound')) throw error;
    }
  }

  private address(name: string): { type: typeof SECRETS; namespace: string; name: string } {
    return { type: SECRETS, namespace: this.namespace, name };
  }
}

function printData(data: Readonly<Record<string, Uint8Array | undefined>>): JsonObject {
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    value === undefined ? null : Buffer.from(value).toString('base64'),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

function readSecret(object: KubeObject): StoredSecret {
  const data = Object.entries((object['data'] ?? {}) as Record<string, string>);
  return {
    name: object.metadata.name,
    resourceVersion: textAt(object.metadata, 'resourceVersion'),
    data: Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64')])),
  };
}

/** What an event says of Secrets by name: a version, or undefined for what is gone. */
function versionsIn(event: FollowEvent, known: Set<string>): [string, string | undefined][] {
  if (event.type === 'deleted') return [[event.object.metadata.name, undefined]];
  const objects = event.type === 'listed' ? event.objects : event.type === 'changed' ? [event.object] : [];
  const present = objects.map(({ metadata }): [string, string] => [metadata.name, textAt(metadata, 'resourceVersion')]);
  const names = new Set(present.map(([name]) => name));
  const gone = event.type === 'listed' ? [...known].filter((name) => !names.has(name)) : [];
  for (const name of names) known.add(name);
  return [...gone.map((name): [string, undefined] => [name, undefined]), ...present];
}
