import type { Problem } from '../problem/index.js';
import type { Definition, FleetDefinitions } from './definition.js';
import { NO_DEFINITIONS } from './definition.js';
import type { DefinitionIndex } from './index-definitions.js';
import { collectDefinitions, indexDefinitions, keyOf } from './index-definitions.js';
import type { ParsedFleet } from './parse-fleet.js';
import type { DefinitionName } from './references-of.js';
import { referencesOf } from './references-of.js';

/**
 * Why a definition stays at its last good form. invalid: its document has an error · unreadableFile: it was last defined in
 * a file that cannot be read · refersToFrozen: it refers to one that is frozen · notProvenGone: it is absent, but the revision
 * has a problem in its file, kind or source · neededByFrozen: it is gone, but a frozen one refers to it · revision: everything is.
 */
export type FreezeReason =
  'invalid' | 'unreadableFile' | 'refersToFrozen' | 'notProvenGone' | 'neededByFrozen' | 'revision';

export interface FrozenItem extends DefinitionName {
  readonly reason: FreezeReason;
  /** For people: the problem, or the definition on which it hangs. */
  readonly because: string;
  /** Whether a last good form is in force; otherwise it was never right and is not there. */
  readonly lastGood: boolean;
}

/** What of a revision comes into force. */
export interface FrozenFleet {
  readonly effective: FleetDefinitions;
  /** Sorted by kind and name. */
  readonly frozen: readonly FrozenItem[];
  /** Definitions that are truly gone: absent, with nothing wrong where they were. Everything else absent is in `frozen`. */
  readonly removed: readonly DefinitionName[];
}

export interface FreezeOptions {
  /** Any error freezes the revision; a `Source` with `strict: true` says the same. */
  readonly strict?: boolean;
  /** Sources that cannot be fetched: no app of theirs counts as gone. */
  readonly failingSources?: readonly string[];
}

/**
 * Decides what of a revision comes into force after what was in force before ("What a bad commit does"). A definition with
 * an error never changes nor disappears, nor does what refers to it; the others move on. The result has no reference
 * that leads nowhere when `previous` has none.
 */
export function freezeFleet(
  previous: FleetDefinitions | undefined,
  parsed: ParsedFleet,
  options: FreezeOptions = {},
): FrozenFleet {
  const before = indexDefinitions(previous ?? NO_DEFINITIONS);
  const revision = new Revision(before, parsed, options);
  const cause = revision.frozenAsAWhole();
  return cause === undefined ? revision.settle() : frozenWhole(revision, cause);
}

function frozenWhole(revision: Revision, because: string): FrozenFleet {
  const names = new Map([...revision.before, ...revision.after].map(([key, { kind, name }]) => [key, { kind, name }]));
  for (const problem of revision.errors) {
    const { kind, name } = problem.subject;
    if (kind !== 'File' && kind !== 'Fleet') names.set(keyOf({ kind, name }), { kind, name });
  }
  const frozen = [...names].map(([key, name]): FrozenItem => ({
    ...name,
    reason: 'revision',
    because,
    lastGood: revision.before.has(key),
  }));
  return { effective: collectDefinitions(revision.before.values()), frozen: frozen.sort(byName), removed: [] };
}

class Revision {
  readonly after: DefinitionIndex;
  readonly errors: readonly Problem[];
  private readonly frozen = new Map<string, FrozenItem>();

  constructor(
    readonly before: DefinitionIndex,
    private readonly parsed: ParsedFleet,
    private readonly options: FreezeOptions,
  ) {
    this.after = indexDefinitions(parsed.definitions);
    this.errors = parsed.problems.filter((problem) => problem.severity === 'error');
  }

  /** Why nothing of the revision comes into force, or undefined. */
  frozenAsAWhole(): string | undefined {
    const fatal = this.errors.find(isFatal) ?? (this.isStrict() ? this.errors[0] : undefined);
    if (fatal !== undefined) return printProblem(fatal);
    const project = [...this.before.values()].find((item) => item.kind === 'Project' && this.isLost(item));
    return project && `Project "${project.name}" was last defined in ${project.place.file}, which has problems`;
  }

  private isStrict(): boolean {
    const sources = [...this.before.values(), ...this.after.values()].filter((item) => item.kind === 'Source');
    return this.options.strict === true || sources.some((source) => source.strict);
  }

  /** Whether a file cannot be read, or lay in a folder in whose place is something that cannot. */
  private isUnreadable(file: string): boolean {
    return this.parsed.unreadableFiles.some((path) => file === path || file.startsWith(`${path}/`));
  }

  /** Whether it is in an unreadable file, or absent without proof that it is gone. */
  private isLost(item: Definition): boolean {
    if (this.isUnreadable(item.place.file)) return true;
    return !this.after.has(keyOf(item)) && this.doubt(item) !== undefined;
  }

  settle(): FrozenFleet {
    this.freezeInvalid();
    this.freezeUnreadable();
    this.freezeAbsent();
    this.freezeReferring();
    const effective = this.assemble();
    this.keepNeeded(effective);
    const removed = [...this.before].filter(([key]) => !effective.has(key) && !this.frozen.has(key));
    return {
      effective: collectDefinitions(effective.values()),
      frozen: [...this.frozen.values()].sort(byName),
      removed: removed.map(([, { kind, name }]) => ({ kind, name })).sort(byName),
    };
  }

  private freeze(item: DefinitionName, reason: FreezeReason, because: string): void {
    const key = keyOf(item);
    if (this.frozen.has(key)) return;
    const { kind, name } = item;
    this.frozen.set(key, { kind, name, reason, because, lastGood: this.before.has(key) });
  }

  private freezeInvalid(): void {
    for (const problem of this.errors) {
      const { kind, name } = problem.subject;
      if (kind !== 'File' && kind !== 'Fleet') this.freeze({ kind, name }, 'invalid', printProblem(problem));
    }
  }

  private freezeUnreadable(): void {
    for (const item of this.before.values()) {
      const { file } = item.place;
      if (this.isUnreadable(file)) this.freeze(item, 'unreadableFile', `${file} cannot be read`);
    }
  }

  private freezeAbsent(): void {
    for (const [key, item] of this.before) {
      const doubt = this.after.has(key) ? undefined : this.doubt(item);
      if (doubt !== undefined && !this.isSucceeded(item)) this.freeze(item, 'notProvenGone', doubt);
    }
  }

  /** What keeps an absent definition from being proven gone, or undefined. */
  private doubt(item: Definition): string | undefined {
    const problem = this.errors.find(
      ({ subject, place }) =>
        // A document without a known kind or name may be any definition.
        place.file === item.place.file || subject.kind === item.kind || subject.kind === 'File',
    );
    if (problem !== undefined) return printProblem(problem);
    return item.kind === 'App' && item.source !== undefined ? this.doubtOfSource(item.source) : undefined;
  }

  private doubtOfSource(source: string): string | undefined {
    if (this.options.failingSources?.includes(source)) return `Source "${source}" cannot be fetched`;
    const problem = this.errors.find(({ subject }) => subject.kind === 'Source' && subject.name === source);
    return problem && printProblem(problem);
  }

  /** A renamed app is no missing one: its successor names it. */
  private isSucceeded(item: Definition): boolean {
    if (item.kind !== 'App') return false;
    const successors = Object.values(this.parsed.definitions.apps).filter((app) => app.formerly.includes(item.name));
    return successors.some((app) => !this.frozen.has(keyOf(app)));
  }

  /**
   * Goes on until nothing more refers to a frozen one. A Project is no part of it: it limits its apps by the last good form
   * of what it refers to.
   */
  private freezeReferring(): void {
    if (this.frozen.size === 0) return;
    const referring = referringTo(this.after.values());
    const queue: DefinitionName[] = [...this.frozen.values()];
    for (const item of queue) {
      for (const referrer of referring.get(keyOf(item)) ?? []) {
        if (referrer.kind === 'Project' || this.frozen.has(keyOf(referrer))) continue;
        this.freeze(referrer, 'refersToFrozen', `${item.kind} "${item.name}" is frozen`);
        queue.push(referrer);
      }
    }
  }

  private assemble(): Map<string, Definition> {
    const moving = [...this.after].filter(([key]) => !this.frozen.has(key));
    const kept = [...this.before].filter(([key]) => this.frozen.has(key));
    return new Map([...moving, ...kept]);
  }

  /** What frozen definitions refer to stays with them. */
  private keepNeeded(effective: Map<string, Definition>): void {
    const queue = [...effective.values()];
    for (const item of queue) {
      for (const reference of referencesOf(item)) {
        const key = keyOf(reference);
        const needed = effective.has(key) ? undefined : this.before.get(key);
        if (needed === undefined) continue;
        effective.set(key, needed);
        queue.push(needed);
        this.freeze(needed, 'neededByFrozen', `${item.kind} "${item.name}" is frozen and refers to it`);
      }
    }
  }
}

function referringTo(definitions: Iterable<Definition>): Map<string, Definition[]> {
  const referring = new Map<string, Definition[]>();
  for (const definition of definitions) {
    for (const reference of referencesOf(definition)) {
      const key = keyOf(reference);
      const others = referring.get(key);
      if (others === undefined) referring.set(key, [definition]);
      else others.push(definition);
    }
  }
  return referring;
}

/** What freezes the revision whatever else is right in it. */
function isFatal(problem: Problem): boolean {
  return problem.code === 'duplicateName' || problem.subject.kind === 'Project' || problem.subject.kind === 'Fleet';
}

function printProblem({ place, message }: Problem): string {
  return place.file === '' ? message : `${place.file}:${place.line}: ${message}`;
}

function byName(a: DefinitionName, b: DefinitionName): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
