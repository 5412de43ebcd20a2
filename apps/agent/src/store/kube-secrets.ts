import type { JsonObject, KubeObject } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import { OWN_LABEL, OWN_LABELS, SECRETS, textAt } from './kube-types.js';
import type { Secrets, StoredSecret } from './secrets.port.js';

/** The agent's Secrets in its cluster. */
export class KubeSecrets implements Secrets {
  constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
  ) {}

  async list(): Promise<readonly StoredSecret[]> {
    const { items } = await this.client.list(SECRETS, this.namespace, { labelSelector: `${OWN_LABEL}=true` });
    return items.map(readSecret);
  }

  async create(name: string, data: StoredSecret['data']): Promise<StoredSecret> {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: this.namespace, labels: OWN_LABELS },
      type: 'flotilla.dev/agent',
      data: printData(data),
    };
    return readSecret(await this.client.create(SECRETS, secret));
  }

  async patch(
    name: string,
    resourceVersion: string,
    data: Readonly<Record<string, Uint8Array | undefined>>,
  ): Promise<StoredSecret> {
    const patch = { metadata: { resourceVersion }, data: printData(data) };
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
