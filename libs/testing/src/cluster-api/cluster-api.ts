import type { ApiCall } from './access/api-call.js';
import type { KeyPair } from './access/authority.js';
import type { CallLog } from './access/call-log.js';
import type { FaultInjector } from './access/fault-injector.js';
import type { Store } from './store.js';

export interface ClusterApiOptions {
  /** Name of the context in kubeconfigs. Default `embedded`. */
  readonly name?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Keeps objects, authority and tokens in this file (mode 0600), so that a later start goes on where this one ended. */
  readonly stateFile?: string;
  /** Node objects to begin with; DaemonSets get a Pod on each. Default 1. */
  readonly nodes?: number;
  /** Whether an image can be pulled. Default: `imageExists` of `life/image-exists.ts`. */
  imageExists?(image: string): boolean;
  /** How long a Pod takes to get ready. Default 20. */
  readonly podReadyMs?: number;
  /** How many changes a watch may lag behind before it gets 410. Default 2,000. */
  readonly historyLimit?: number;
  /** Says why a call is denied (may be empty); undefined allows it. Without it everybody may do everything. */
  authorize?(call: ApiCall): string | undefined;
}

/** A Kubernetes cluster without containers: an HTTPS server that speaks the API, and the life of workloads behind it. */
export interface ClusterApi extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  /** Bearer token of the administrator (`system:masters`). */
  readonly token: string;
  readonly calls: CallLog;
  readonly faults: FaultInjector;
  /** The objects themselves, for tests that look behind the API. `store.compact()` makes older versions 410. */
  readonly store: Store;
  /** Kubeconfig (YAML) of the administrator, or of the owner of that token. */
  kubeconfig(token?: string): string;
  writeKubeconfig(file: string, token?: string): Promise<void>;
  /** Adds a user and returns a bearer token. */
  addUser(name: string, groups?: readonly string[]): string;
  issueClientCertificate(name: string, groups?: readonly string[]): Promise<KeyPair>;
  /** Resolves when controllers have nothing left to do now or within two seconds: Pods are as ready as they get. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
