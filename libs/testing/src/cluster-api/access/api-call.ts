/** One request as this server understood it. `status` is 0 while it is under way. */
export interface ApiCall {
  readonly at: number;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: string;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Whose credential came with it. */
  readonly user: string;
  /** Whom the caller asked to act as; empty when it acted as itself. */
  readonly impersonated: string;
  /** Groups of the one in whose name the call was made. */
  readonly groups: readonly string[];
  readonly userAgent: string;
  readonly contentType: string;
  readonly dryRun: boolean;
  readonly status: number;
}

/** A Kubernetes verb; empty for paths that are no resource. */
export type Verb = '' | 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export type OpenCall = { -readonly [K in keyof ApiCall]: ApiCall[K] };

/** Which calls are meant: all given members must agree. */
export interface CallMatch {
  readonly verb?: Verb | readonly Verb[];
  readonly method?: string;
  readonly path?: string | RegExp;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The acting user: the impersonated one when there is one. */
  readonly user?: string;
}

export type CallMatcher = CallMatch | ((call: ApiCall) => boolean);

const PLAIN = ['method', 'resource', 'subresource', 'namespace', 'name'] as const;

export function matchesCall(call: ApiCall, matcher: CallMatcher): boolean {
  if (typeof matcher === 'function') return matcher(call);
  const { verb, path, user } = matcher;
  if (verb !== undefined && !(typeof verb === 'string' ? [verb] : verb).includes(call.verb)) return false;
  if (path !== undefined && !(typeof path === 'string' ? call.path === path : path.test(call.path))) return false;
  if (user !== undefined && actingUser(call) !== user) return false;
  return PLAIN.every((key) => matcher[key] === undefined || matcher[key] === call[key]);
}

export function actingUser(call: Pick<ApiCall, 'user' | 'impersonated'>): string {
  return call.impersonated || call.user;
}
