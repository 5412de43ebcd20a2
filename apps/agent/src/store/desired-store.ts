import type { AppEntry, DesiredStateDelta, Digest, Version } from '@flotilla/domain';
import {
  applyDelta,
  diffDesiredState,
  Fault,
  hashDesiredState,
  NO_VERSION,
  orderVersions,
  printVersion,
} from '@flotilla/domain';
import { compressJson, expandJson } from './compressed-json.js';
import type { Contents, HeldState } from './held-state.js';
import { keepNeeded, missingOf, needsOf, NOTHING_HELD } from './held-state.js';
import { PackShelf } from './pack-shelf.js';
import type { Records } from './records.port.js';
import type { StoredContents } from './stored-contents.js';
import { fromStored, newContents, toStored } from './stored-contents.js';

const BASE = 'desired/base';
const LOG = 'desired/log';
/** Characters of the log beyond which it is folded into the base. */
const LOG_LIMIT = 192 * 1024;

/** The state at some version, with the packs that hold its contents. */
interface Base {
  readonly version: Version;
  readonly epoch: number;
  readonly hash: Digest;
  readonly entries: readonly AppEntry[];
  readonly packs: readonly Digest[];
}

/** One accepted desired state after the base: the difference and the contents it brought. */
interface LogItem {
  readonly version: Version;
  readonly epoch: number;
  readonly hash: Digest;
  readonly delta: DesiredStateDelta;
  readonly contents: StoredContents;
}

/** Where the desired state in force is kept. */
export interface StateStore {
  readonly held: HeldState;
  /**
   * Takes what was stored.
   * @param atLeast version that was held once
   * @throws Fault internal when it cannot be proven; the hub will send it again
   */
  load(stored: ReadonlyMap<string, Uint8Array>, atLeast?: Version): Promise<HeldState>;
  /** Makes a state durable and puts it in force. */
  accept(next: HeldState): Promise<void>;
}

/**
 * The desired state in force, kept in the cluster: a base, and a log of what was accepted since, so that a small change is
 * one small write. Read back at the start and verified by hash and content ids.
 */
export class DesiredStore implements StateStore {
  private state = NOTHING_HELD;
  private log: readonly string[] = [];
  /** What is stored cannot be built upon: the next state is stored whole. */
  private mustFold = false;
  private readonly shelf: PackShelf;

  constructor(private readonly records: Records) {
    this.shelf = new PackShelf(records);
  }

  get held(): HeldState {
    return this.state;
  }

  /**
   * Takes what was stored. A state that cannot be proven is not used: then nothing is held until the hub has sent it again.
   * @param atLeast version that was held once: an older one is what somebody left of the records
   * @throws Fault internal when it is damaged, incomplete or older
   */
  async load(stored: ReadonlyMap<string, Uint8Array>, atLeast: Version = NO_VERSION): Promise<HeldState> {
    this.state = NOTHING_HELD;
    this.log = [];
    this.mustFold = true;
    const { state, log } = await this.read(stored);
    verify(state);
    if (orderVersions(state.version, atLeast) < 0) {
      const [found, held] = [printVersion(state.version), printVersion(atLeast)];
      throw new Fault('internal', `the stored desired state is ${found}, and ${held} was held once: records are gone`);
    }
    this.mustFold = false;
    this.log = log;
    this.state = state;
    return state;
  }

  private async read(
    stored: ReadonlyMap<string, Uint8Array>,
  ): Promise<{ readonly state: HeldState; readonly log: readonly string[] }> {
    const base = await this.readBase(stored);
    const contents = await this.shelf.load(stored);
    let state: HeldState = { ...NOTHING_HELD, ...base, ...contents };
    const log: string[] = [];
    for (const text of await readLog(stored)) {
      const item = JSON.parse(text) as LogItem;
      if (orderVersions(item.version, state.version) <= 0) continue;
      state = after(state, item);
      log.push(text);
    }
    return { state: { ...state, ...keepNeeded(needsOf(state.entries, state.manifests), state) }, log };
  }

  /** Makes a state durable and puts it in force. */
  async accept(next: HeldState): Promise<void> {
    const delta = diffDesiredState(this.state.entries, next.entries);
    const contents = toStored(newContents(next, this.state));
    const { version, epoch, hash } = next;
    const item = JSON.stringify({ version, epoch, hash, delta, contents } satisfies LogItem);
    const log = [...this.log, item];
    const size = log.reduce((sum, text) => sum + text.length, 0);
    if (this.mustFold || size > LOG_LIMIT) await this.fold(next);
    else await this.writeLog(log);
    this.state = next;
  }

  private async writeLog(log: readonly string[]): Promise<void> {
    await this.records.put(LOG, await compressJson(log));
    this.log = log;
  }

  /** Contents first, then the base that needs them, then the log that the base replaces: a cut anywhere loses nothing. */
  private async fold(next: HeldState): Promise<void> {
    const packs = await this.shelf.shelve(next);
    const { version, epoch, hash, entries } = next;
    const base: Base = { version, epoch, hash, entries, packs };
    await this.records.put(BASE, await compressJson(base as never));
    await this.records.remove(LOG);
    this.log = [];
    this.mustFold = false;
    await this.shelf.sweep(packs);
  }

  private async readBase(stored: ReadonlyMap<string, Uint8Array>): Promise<Omit<Base, 'packs'>> {
    const record = stored.get(BASE);
    if (record === undefined) return NOTHING_HELD;
    const { version, epoch, hash, entries } = (await expandJson(record)) as Base;
    return { version, epoch, hash, entries };
  }
}

async function readLog(stored: ReadonlyMap<string, Uint8Array>): Promise<readonly string[]> {
  const record = stored.get(LOG);
  return record === undefined ? [] : ((await expandJson(record)) as string[]);
}

function after(state: HeldState, item: LogItem): HeldState {
  const { version, epoch, hash } = item;
  const entries = applyDelta(state.entries, item.delta);
  return { ...merge(state, fromStored(item.contents)), version, epoch, hash, entries };
}

function merge(a: Contents, b: Contents): Contents {
  return {
    objects: new Map([...a.objects, ...b.objects]),
    manifests: new Map([...a.manifests, ...b.manifests]),
    policies: new Map([...a.policies, ...b.policies]),
  };
}

function verify(state: HeldState): void {
  if (hashDesiredState(state.entries) !== state.hash)
    throw new Fault('internal', 'the stored desired state is damaged');
  const missing = missingOf(needsOf(state.entries, state.manifests), state);
  const count = missing.objects.length + missing.manifests.length + missing.policies.length;
  if (count > 0) throw new Fault('internal', `the stored desired state lacks ${count} of its contents`);
}
