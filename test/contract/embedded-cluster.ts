import type { ClusterApi } from '@flotilla/testing';
import type { AgentCluster } from './agent-harness.js';

/** An embedded cluster API as the suites want a cluster. */
export function asCluster(api: ClusterApi): AgentCluster {
  return {
    namespace: 'shop',
    url: api.url,
    caPem: api.caPem,
    token: api.token,
    forgetHistory: async () => api.store.compact(),
    writeKubeconfig: (file) => api.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => api.close(),
  };
}
