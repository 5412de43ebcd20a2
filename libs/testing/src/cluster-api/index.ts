export type { ApiCall, CallMatch, CallMatcher, Verb } from './access/api-call.js';
export type { KeyPair } from './access/authority.js';
export type { CallLog } from './access/call-log.js';
export type { ApiFaultKind, FaultInjector, InjectedFault } from './access/fault-injector.js';
export type { ClusterApi, ClusterApiOptions } from './cluster-api.js';
export type { KubeObject } from './json.js';
export { imageExists } from './life/image-exists.js';
export { startClusterApi } from './start-cluster-api.js';
export type { Store } from './store.js';
