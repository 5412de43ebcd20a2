import type { AppObject, KubeObject } from '@flotilla/domain';
import { APP_KIND, KIND_LABEL, SUSPEND_ANNOTATION, appObjectName, appOfObject } from '@flotilla/domain';
import type { FollowEvent, KubeClient, ObjectAddress } from '@flotilla/kube';
import { followResource, isApiFault } from '@flotilla/kube';
import { CONFIG_MAPS, textAt } from '../store/index.js';
import type { AppObjects, SeenAppObject } from './app-objects.port.js';

type Seen = Parameters<AppObjects['follow']>[1];

/** Parent objects as ConfigMaps, which everybody can read with kubectl. */
export class KubeAppObjects implements AppObjects {
  constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
  ) {}

  follow(signal: AbortSignal, seen: Seen): Promise<void> {
    return new Promise((resolve) => void this.followAll(signal, seen, resolve).then(resolve));
  }

  private async followAll(signal: AbortSignal, seen: Seen, first: () => void): Promise<void> {
    const options = { labelSelector: `${KIND_LABEL}=${APP_KIND}`, namespace: this.namespace, signal };
    for await (const event of followResource(this.client, CONFIG_MAPS, options)) {
      tell(event, seen);
      if (event.type === 'listed' || event.type === 'interrupted') first();
    }
  }

  async write(app: string, object: AppObject, isNew: boolean): Promise<void> {
    const put = (create: boolean): Promise<void> => (create ? this.create(app, object) : this.change(app, object));
    try {
      await put(isNew);
    } catch (error) {
      if (!isApiFault(error, 'NotFound', 'AlreadyExists')) throw error;
      await put(!isNew);
    }
  }

  private async create(app: string, { labels, data }: AppObject): Promise<void> {
    const metadata = { name: appObjectName(app), namespace: this.namespace, labels };
    await this.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { ...data } });
  }

  private async change(app: string, { labels, data }: AppObject): Promise<void> {
    const patch = { metadata: { labels: { ...labels } }, data: { ...data } };
    await this.client.patch(this.address(app), patch, { type: 'merge' });
  }

  async annotate(app: string, suspend: string): Promise<void> {
    const annotations = { [SUSPEND_ANNOTATION]: suspend === '' ? null : suspend };
    await this.client.patch(this.address(app), { metadata: { annotations } }, { type: 'merge' });
  }

  async remove(app: string): Promise<void> {
    const found = await this.client.find(this.address(app));
    if (found?.metadata.labels?.[KIND_LABEL] !== APP_KIND) return;
    await this.client.delete(this.address(app), { uid: textAt(found.metadata, 'uid') });
  }

  private address(app: string): ObjectAddress {
    return { type: CONFIG_MAPS, namespace: this.namespace, name: appObjectName(app) };
  }
}

function tell(event: FollowEvent, seen: Seen): void {
  const objects = event.type === 'listed' ? event.objects : 'object' in event ? [event.object] : [];
  for (const object of objects) {
    const read = readAppObject(object);
    if (read !== undefined) seen(read, event.type === 'deleted');
  }
}

function readAppObject({ metadata, ...rest }: KubeObject): SeenAppObject | undefined {
  const app = appOfObject(metadata.name);
  if (app === undefined) return undefined;
  const suspend = metadata.annotations?.[SUSPEND_ANNOTATION] ?? '';
  return { app, labels: metadata.labels ?? {}, data: (rest['data'] ?? {}) as AppObject['data'], suspend };
}
