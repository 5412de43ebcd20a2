import type { ClusterApiOptions } from '../cluster-api.js';
import type { Registry } from '../registry/registry.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectWriter } from '../resources/object-writer.js';
import type { Store } from '../store.js';

export interface LifeParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly writer: ObjectWriter;
  readonly remover: ObjectRemover;
}

export class Life {
  constructor(
    private readonly parts: LifeParts,
    private readonly options: ClusterApiOptions,
  ) {}
  start(): void { void this.parts; void this.options; }
  stop(): void {}
  async settled(): Promise<void> {}
}
