import type { AppEntry, Inventory, JsonObject, Version } from '@flotilla/domain';
import { LOST_INVENTORY, isJsonObject, orderVersions } from '@flotilla/domain';
import type { InventoryStore } from '../reconcile/reconciler.port.js';
import { compressJson, expandJson } from './compressed-json.js';
import type { Records } from './records.port.js';

const PREFIX = 'inventory/';

/** What was in the records at the start. */
export interface StoredRecords {
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Set when some of the records are gone: the version up to which desired states were held with them. */
  readonly lostUpTo?: Version | undefined;
}

/** Inventories of all apps, one record each. */
export class RecordedInventories implements InventoryStore {
  constructor(
    private readonly records: Records,
    private readonly stored: StoredRecords,
  ) {}

  /** One that cannot be read is not an empty one: it is lost, and the app says so. */
  async load(): Promise<ReadonlyMap<string, Inventory>> {
    const inventories = new Map<string, Inventory>();
    for (const [key, record] of this.stored.values) {
      if (key.startsWith(PREFIX)) inventories.set(key.slice(PREFIX.length), await readInventory(record));
    }
    return inventories;
  }

  /** Wanted as it is since records were there that are gone. What is to be removed was there before, whenever that was decided. */
  isLost({ since, life }: AppEntry): boolean {
    const { lostUpTo } = this.stored;
    return lostUpTo !== undefined && (life !== 'active' || orderVersions(since, lostUpTo) <= 0);
  }

  async save(app: string, inventory: Inventory): Promise<void> {
    await this.records.put(PREFIX + app, await compressJson(inventory as unknown as JsonObject));
  }

  remove(app: string): Promise<void> {
    return this.records.remove(PREFIX + app);
  }
}

async function readInventory(record: Uint8Array): Promise<Inventory> {
  const found = await expandJson(record).catch(() => undefined);
  return isJsonObject(found) && Array.isArray(found['entries']) ? (found as unknown as Inventory) : LOST_INVENTORY;
}
