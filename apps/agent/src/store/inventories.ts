import type { Inventory, JsonObject } from '@flotilla/domain';
import type { InventoryStore } from '../reconcile/reconciler.port.js';
import { compressJson, expandJson } from './compressed-json.js';
import type { Records } from './records.port.js';

const PREFIX = 'inventory/';

/** Inventories of all apps, one record each. */
export class RecordedInventories implements InventoryStore {
  /** @param stored Everything that was in the records at the start. */
  constructor(
    private readonly records: Records,
    private readonly stored: ReadonlyMap<string, Uint8Array>,
  ) {}

  /** @throws Error when a record is damaged: an inventory that cannot be read must not pass for an empty one. */
  async load(): Promise<ReadonlyMap<string, Inventory>> {
    const inventories = new Map<string, Inventory>();
    for (const [key, record] of this.stored) {
      if (key.startsWith(PREFIX)) inventories.set(key.slice(PREFIX.length), (await expandJson(record)) as Inventory);
    }
    return inventories;
  }

  async save(app: string, inventory: Inventory): Promise<void> {
    await this.records.put(PREFIX + app, await compressJson(inventory as unknown as JsonObject));
  }

  remove(app: string): Promise<void> {
    return this.records.remove(PREFIX + app);
  }
}
