import type { AppObject } from '@flotilla/domain';

/** A parent object as it is in the cluster. */
export interface SeenAppObject extends AppObject {
  readonly app: string;
  /** Text of the annotation; empty without it. */
  readonly suspend: string;
}

/** The parent objects of the apps, in the agent's own namespace. */
export interface AppObjects {
  /** Tells of all that there are, and of every change. Resolves when the first ones were told. Ends when the signal aborts. */
  follow(signal: AbortSignal, seen: (object: SeenAppObject, gone: boolean) => void): Promise<void>;
  /** Makes or changes the object of an app, and leaves its annotations alone. `isNew`: it was not seen so far. */
  write(app: string, object: AppObject, isNew: boolean): Promise<void>;
  /** Sets the annotation, or takes it off when the text is empty. */
  annotate(app: string, suspend: string): Promise<void>;
  remove(app: string): Promise<void>;
}
