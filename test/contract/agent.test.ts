import { startClusterApi } from '@flotilla/testing';
import { agentApplyContract } from './agent-apply.contract.js';
import type { ContractCluster } from './contract-cluster.js';

async function startEmbedded(): Promise<ContractCluster> {
  const api = await startClusterApi();
  return {
    url: api.url,
    caPem: api.caPem,
    token: api.token,
    forgetHistory: async () => api.store.compact(),
    writeKubeconfig: (file) => api.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => api.close(),
  };
}

agentApplyContract(startEmbedded);
