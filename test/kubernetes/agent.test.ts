import { afterAll, beforeAll } from 'vitest';
import { startControlPlane } from '../../libs/testing/src/control-plane/index.js';
import type { ControlPlane } from '../../libs/testing/src/control-plane/index.js';
import { agentAdoptionContract } from '../contract/agent-adoption.contract.js';
import { agentApplyContract } from '../contract/agent-apply.contract.js';
import { agentContentContract } from '../contract/agent-content.contract.js';
import { agentDriftContract } from '../contract/agent-drift.contract.js';
import type { AgentCluster } from '../contract/agent-harness.js';
import { agentIntegersContract } from '../contract/agent-integers.contract.js';
import { agentLocalContract } from '../contract/agent-local.contract.js';
import { agentOrderContract } from '../contract/agent-order.contract.js';
import { agentOwnershipContract } from '../contract/agent-ownership.contract.js';
import { agentRecordsContract } from '../contract/agent-records.contract.js';
import { agentScaledContract } from './agent-scaled.contract.js';
import { agentWebhookContract } from './agent-webhook.contract.js';

let plane: ControlPlane;
let count = 0;

beforeAll(async () => {
  plane = await startControlPlane();
});

afterAll(async () => {
  await plane.close();
});

/** One control plane serves all tests, each in a namespace of its own. */
function startShared(): Promise<AgentCluster> {
  count += 1;
  return Promise.resolve({
    namespace: `shop-${count}`,
    url: plane.url,
    caPem: plane.caPem,
    token: plane.token,
    forgetHistory: () => plane.compact(),
    writeKubeconfig: (file: string) => plane.writeKubeconfig(file),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

agentApplyContract(startShared);
agentOwnershipContract(startShared);
agentOrderContract(startShared);
agentLocalContract(startShared);
agentAdoptionContract(startShared);
agentContentContract(startShared);
agentIntegersContract(startShared);
agentRecordsContract(startShared);
agentDriftContract(startShared);
agentScaledContract(startShared);
agentWebhookContract(startShared);
