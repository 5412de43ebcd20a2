/** Where something is in a repository. Lines and columns count from 1; 0 when unknown. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Closed set of what can be wrong with definitions and content. */
export type ProblemCode =
  | 'yamlSyntax'
  | 'duplicateKey'
  | 'unknownKind'
  | 'unknownField'
  | 'missingField'
  | 'wrongType'
  | 'invalidValue'
  | 'duplicateName'
  | 'unknownReference'
  | 'cyclicDependency'
  | 'emptySelector'
  | 'notAllowedHere'
  | 'pathNotFound'
  | 'noObjects'
  | 'kustomizeFailed'
  | 'helmFailed'
  | 'manifestInvalid'
  | 'patchFailed'
  | 'substituteMissing'
  | 'sharedObject'
  | 'sourceUnavailable'
  | 'notSupported'
  | 'secretInClear'
  | 'limitExceeded';

/** What a problem is about: everything that refers to it is frozen with it. */
export interface Subject {
  readonly kind:
    'App' | 'RolloutStrategy' | 'ClusterGroup' | 'Cluster' | 'Source' | 'Window' | 'Project' | 'File' | 'Fleet';
  readonly name: string;
}

/** One thing wrong with a revision, with its place and what to do. Warnings freeze nothing. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly subject: Subject;
  readonly place: Place;
  /** Path of the field, e.g. `spec.waves[1].soak`; empty when the whole document is meant. */
  readonly field: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}
