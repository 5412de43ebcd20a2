import { startClusterApi } from '@flotilla/testing';
import { describeClusterApi } from './cluster-api.contract.js';

describeClusterApi('the embedded cluster API', async () => {
  const cluster = await startClusterApi();
  return {
    url: cluster.url,
    caPem: cluster.caPem,
    token: cluster.token,
    forgetHistory: async () => cluster.store.compact(),
    writeKubeconfig: (file) => cluster.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
});
