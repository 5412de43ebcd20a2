import { chmod, rename, writeFile } from 'node:fs/promises';
import type { ApiCall } from './access/api-call.js';
import { Authority } from './access/authority.js';
import { CallLog } from './access/call-log.js';
import { FaultInjector } from './access/fault-injector.js';
import { renderKubeconfig } from './access/kubeconfig.js';
import { ADMIN, Users } from './access/users.js';
import type { ClusterApi, ClusterApiOptions } from './cluster-api.js';
import { ClusterAdmission } from './life/cluster-admission.js';
import { Life } from './life/life.js';
import { seedCluster } from './life/seed-cluster.js';
import { Registry } from './registry/registry.js';
import { ObjectRemover } from './resources/object-remover.js';
import { ObjectWriter } from './resources/object-writer.js';
import type { ApiRequest } from './server/api-request.js';
import { ApiServer } from './server/api-server.js';
import { handlePage } from './server/handle-pages.js';
import { handleResource } from './server/handle-resource.js';
import { WatchHub } from './server/watch-objects.js';
import { StateFile } from './state-file.js';
import { Store } from './store.js';

const HISTORY = 2000;

/** Starts a cluster of its own in this process, on 127.0.0.1; resolves when it answers. */
export async function startClusterApi(options: ClusterApiOptions = {}): Promise<ClusterApi> {
  const { name = 'embedded', stateFile } = options;
  const state = stateFile ? await StateFile.open(stateFile) : undefined;
  const authority = state?.saved ? await Authority.restore(state.saved.authority) : await Authority.create(name);
  const parts = assemble(options, authority.pair.cert);
  parts.begin(state?.saved);
  const server = await listen(parts, authority, options.port ?? 0);
  state?.follow(parts.store, () => ({ authority: authority.pair, users: parts.users.entries() }));
  return new RunningCluster({ name, token: adminToken(parts.users), authority, server, state, ...parts });
}

function adminToken(users: Users): string {
  return users.entries().find(([, user]) => user.name === ADMIN.name)?.[0] ?? users.add(ADMIN);
}

async function listen(parts: Parts, authority: Authority, port: number): Promise<ApiServer> {
  const serving = await authority.issueServing();
  const handle = async (api: ApiRequest): Promise<void> => {
    if (api.route.resource === '') handlePage(api, parts.registry, server.url);
    else await handleResource(api, parts);
  };
  const server = await ApiServer.listen({ port, ca: authority.pair.cert, serving }, { ...parts, handle });
  return server;
}

type Parts = ReturnType<typeof assemble>;

function assemble(options: ClusterApiOptions, caPem: string) {
  const store = new Store(options.historyLimit ?? HISTORY);
  const [registry, users, calls, faults] = [new Registry(), new Users(), new CallLog(), new FaultInjector()];
  const writer = new ObjectWriter(store, new ClusterAdmission(store, registry));
  const remover = new ObjectRemover(store, writer);
  const hub = new WatchHub(store, faults);
  const life = new Life({ store, registry, writer, remover, caPem: () => caPem }, options);
  const authorize = options.authorize && { authorize: (call: ApiCall) => options.authorize?.(call) };
  const begin = (saved: StateFile['saved']): void => {
    if (saved) store.restore(saved.store);
    else seedCluster(registry, writer, options.nodes ?? 1);
    for (const [token, user] of saved?.users ?? []) users.add(user, token);
    life.start();
  };
  return { store, registry, users, calls, faults, writer, remover, hub, life, begin, ...authorize };
}

interface RunningParts extends Parts {
  readonly name: string;
  readonly token: string;
  readonly authority: Authority;
  readonly server: ApiServer;
  readonly state: StateFile | undefined;
}

class RunningCluster implements ClusterApi {
  constructor(private readonly parts: RunningParts) {}

  readonly name = this.parts.name;
  readonly url = this.parts.server.url;
  readonly caPem = this.parts.authority.pair.cert;
  readonly token = this.parts.token;
  readonly calls = this.parts.calls;
  readonly faults = this.parts.faults;
  readonly store = this.parts.store;

  kubeconfig(token = this.token): string {
    return renderKubeconfig(this, { token });
  }

  /** Written in one step, with mode 0600, for it holds a credential. */
  async writeKubeconfig(file: string, token = this.token): Promise<void> {
    const fresh = `${file}.${process.pid}.new`;
    await writeFile(fresh, this.kubeconfig(token), { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, file);
  }

  addUser(name: string, groups: readonly string[] = []): string {
    return this.parts.users.add({ name, groups });
  }

  issueClientCertificate(name: string, groups: readonly string[] = []): ReturnType<Authority['issueClient']> {
    return this.parts.authority.issueClient(name, groups);
  }

  settled(): Promise<void> {
    return this.parts.life.settled();
  }

  async close(): Promise<void> {
    this.parts.life.stop();
    await this.parts.server.close();
    await this.parts.state?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
