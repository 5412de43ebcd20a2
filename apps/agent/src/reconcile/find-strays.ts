import type { KubeObject, ObjectRef } from '@flotilla/domain';
import { OWNER_LABEL, appliedFields, printRef, uidOf } from '@flotilla/domain';
import type { ResourceType } from '@flotilla/kube';
import { FIELD_MANAGER, isApiFault } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';

const LOOK_EVERY_MS = 60_000;
const LIST_LIMIT = 50;
const MOST_NAMED = 5;

/**
 * What carries an app's marks and is not in its inventory. After the inventory was lost nothing proves that such an object is the
 * app's: it is not deleted, and a removal does not end as if it were gone.
 */
export class StrayFinder {
  private lookedAt = -Infinity;
  private text = '';

  constructor(
    private readonly context: ReconcileContext,
    private readonly state: AppState,
  ) {}

  /** In words; empty when there are none. */
  get found(): string {
    return this.text;
  }

  get nextLookMs(): number {
    return this.text === '' ? Infinity : LOOK_EVERY_MS;
  }

  /** Looks at most once a minute, one bounded list after the other. Resolves with whether there is any, or may be. */
  async look(): Promise<boolean> {
    const now = this.context.clock.monotonic();
    if (now - this.lookedAt < LOOK_EVERY_MS) return this.text !== '';
    this.lookedAt = now;
    const strays: string[] = [];
    const unread: string[] = [];
    for (const type of this.types()) {
      const found = await this.list(type);
      if (found === undefined) unread.push(type.resource);
      else strays.push(...found.map(printRef));
    }
    this.text = [printSome('', strays), printSome('could not look for ', unread)]
      .filter((part) => part !== '')
      .join('; ');
    return this.text !== '';
  }

  /** One version of each resource is enough. */
  private types(): ResourceType[] {
    const listed = [...this.context.client.discovery.all].filter(
      ({ verbs }) => verbs.includes('list') && verbs.includes('patch'),
    );
    return [...new Map(listed.map((type) => [`${type.group}/${type.resource}`, type])).values()];
  }

  /** Undefined when it could not be read. */
  private async list(type: ResourceType): Promise<ObjectRef[] | undefined> {
    const { app, account: impersonate } = this.state;
    const options = { impersonate, metadataOnly: true, limit: LIST_LIMIT, labelSelector: `${OWNER_LABEL}=${app}` };
    try {
      const { items } = await this.context.calls.run(() => this.context.client.list(type, '', options));
      return items.filter((object) => this.isStray(object)).map((object) => refOfItem(type, object));
    } catch (error) {
      if (!isApiFault(error)) throw error;
      return isApiFault(error, 'NotFound', 'MethodNotAllowed') ? [] : undefined;
    }
  }

  /** Others may carry the label; what we applied also names us as a manager. */
  private isStray(object: KubeObject): boolean {
    if (appliedFields(object, FIELD_MANAGER) === undefined || object.metadata['deletionTimestamp'] !== undefined)
      return false;
    return this.state.inventory.entries.every(({ uid }) => uid !== uidOf(object));
  }
}

function refOfItem({ group, kind }: ResourceType, { metadata }: KubeObject): ObjectRef {
  return { group, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function printSome(before: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${before}${[...names].sort().slice(0, MOST_NAMED).join(', ')}${rest}`;
}
