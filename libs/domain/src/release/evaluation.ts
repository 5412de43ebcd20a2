import type { FileTree } from '../content/index.js';
import type { AppDefinition, FleetDefinitions, FrozenItem } from '../definitions/index.js';
import type { Digest } from '../json/index.js';
import type { ClusterFacts } from '../match/index.js';
import type { Problem } from '../problem/index.js';
import type { AssembledApp } from './assemble-app.js';
import type { ClusterInput } from './cluster-input.js';
import type { ClusterProblem } from './resolve-targets.js';

/** What the fleet is worked out from. */
export interface EvaluationInput {
  /** Definitions that were in force before; undefined at the very first. */
  readonly previous: FleetDefinitions | undefined;
  /** The fleet source at the commit. */
  readonly fleet: FileTree;
  readonly clusters: readonly ClusterInput[];
  readonly usableFacts: readonly string[];
  readonly strict: boolean;
  readonly failingSources: readonly string[];
  /** Where an app's content is; a frozen app's is that of its last good commit. @throws Fault when it cannot be read */
  contentOf(app: AppDefinition, frozen: boolean): Promise<FileTree>;
}

/** An app as the fleet is now. */
export interface EvaluatedApp {
  readonly definition: AppDefinition;
  /** Digest over definition, groups and content, not over cluster facts. */
  readonly inputs: Digest;
  readonly assembled: AssembledApp;
  /** Why each target is selected, by cluster. */
  readonly reasons: ReadonlyMap<number, string>;
  /** Why nothing of it moves; empty when it moves. */
  readonly frozenBecause: string;
  /** Whether its definition stayed at the last good form. */
  readonly definitionFrozen: boolean;
  /** Whether its content could not be read just now: worth another try. */
  readonly unreadable: boolean;
  /** What is wrong with it, but for what it shares with others. */
  readonly problems: readonly FoundProblem[];
}

export type ProblemOrigin = 'definition' | 'match' | 'render';

export interface FoundProblem extends ClusterProblem {
  readonly origin: ProblemOrigin;
}

export interface Evaluation {
  readonly effective: FleetDefinitions;
  readonly frozen: readonly FrozenItem[];
  readonly clusters: readonly ClusterFacts[];
  readonly apps: readonly EvaluatedApp[];
  readonly problems: readonly FoundProblem[];
}

export function foundProblem(origin: ProblemOrigin, problem: Problem, clusters: readonly string[] = []): FoundProblem {
  return { ...problem, origin, clusters };
}

/** For people: `apps/web/flotilla.yaml:7: …`. */
export function printProblem({ place, message }: Pick<Problem, 'place' | 'message'>): string {
  return place.file === '' ? message : `${place.file}:${place.line}: ${message}`;
}
