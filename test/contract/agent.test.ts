import { startClusterApi } from '@flotilla/testing';
import { agentAdoptionContract } from './agent-adoption.contract.js';
import { agentApplyContract } from './agent-apply.contract.js';
import { agentContentContract } from './agent-content.contract.js';
import { agentDriftContract } from './agent-drift.contract.js';
import type { AgentCluster } from './agent-harness.js';
import { agentIntegersContract } from './agent-integers.contract.js';
import { agentLocalContract } from './agent-local.contract.js';
import { agentOrderContract } from './agent-order.contract.js';
import { agentOwnershipContract } from './agent-ownership.contract.js';
import { agentRecordsContract } from './agent-records.contract.js';
import { asCluster } from './embedded-cluster.js';

async function startEmbedded(): Promise<AgentCluster> {
  return asCluster(await startClusterApi());
}

agentApplyContract(startEmbedded);
agentOwnershipContract(startEmbedded);
agentOrderContract(startEmbedded);
agentLocalContract(startEmbedded);
agentAdoptionContract(startEmbedded);
agentContentContract(startEmbedded);
agentRecordsContract(startEmbedded);
agentIntegersContract(startEmbedded);
agentDriftContract(startEmbedded);
