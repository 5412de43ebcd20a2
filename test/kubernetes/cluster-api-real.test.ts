import { startControlPlane } from '@flotilla/testing';
import { describeClusterApi } from '../contract/cluster-api.contract.js';

describeClusterApi('the real API server', async () => {
  const plane = await startControlPlane({ progress: console.log });
  return {
    url: plane.url,
    caPem: plane.caPem,
    token: plane.token,
    forgetHistory: () => plane.compact(),
    writeKubeconfig: (file) => plane.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => plane.close(),
  };
});
