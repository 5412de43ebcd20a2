import { readFile, rename, writeFile } from 'node:fs/promises';
import type { KeyPair } from './access/authority.js';
import type { User } from './access/users.js';
import type { Store, StoreSnapshot } from './store.js';

const SAVE_AFTER_MS = 500;

interface Identities {
  readonly authority: KeyPair;
  readonly users: readonly [token: string, user: User][];
}

export interface SavedState extends Identities {
  readonly store: StoreSnapshot;
}

/** A cluster's state on disk: saved a moment after a change, and when it closes. Holds keys, hence mode 0600. */
export class StateFile {
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();
  private take: (() => SavedState) | undefined;

  private constructor(
    private readonly path: string,
    readonly saved: SavedState | undefined,
  ) {}

  static async open(path: string): Promise<StateFile> {
    try {
      return new StateFile(path, JSON.parse(await readFile(path, 'utf8')) as SavedState);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return new StateFile(path, undefined);
    }
  }

  follow(store: Store, identities: () => Identities): void {
    this.take = () => ({ ...identities(), store: store.snapshot() });
    store.onChange(() => {
      this.timer ??= setTimeout(() => void this.save(), SAVE_AFTER_MS);
    });
  }

  async close(): Promise<void> {
    await this.save();
    clearTimeout(this.timer);
    this.take = undefined;
  }

  /** One save at a time, each in one step: a crash leaves the file before or after, never half of one. */
  private save(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.saving = this.saving.then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    if (!this.take) return;
    const fresh = `${this.path}.new`;
    await writeFile(fresh, JSON.stringify(this.take()), { mode: 0o600 });
    await rename(fresh, this.path);
  }
}
