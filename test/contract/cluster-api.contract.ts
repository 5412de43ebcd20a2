import { describe } from 'vitest';
import type { StartCluster } from './contract-cluster.js';
import { useCluster } from './suite-context.js';
import { describeApplying } from './suites/applying.js';
import { describeCustomResources } from './suites/custom-resources.js';
import { describeDiscovery } from './suites/discovery.js';
import { describeFacts } from './suites/facts.js';
import { describeKubectl } from './suites/kubectl-judge.js';
import { describeNamespaces } from './suites/namespaces.js';
import { describeObjects } from './suites/objects.js';
import { describeWatching } from './suites/watching.js';
import { describeWorkloads } from './suites/workloads.js';

/**
 * What Flotilla relies on in a Kubernetes API. Runs unchanged on the real API server, which is right by definition, and on
 * the embedded one, which is right as far as it agrees.
 */
export function describeClusterApi(name: string, start: StartCluster): void {
  describe(name, () => {
    const suite = useCluster(start);
    describeDiscovery(suite);
    describeObjects(suite);
    describeWatching(suite);
    describeApplying(suite);
    describeCustomResources(suite);
    describeNamespaces(suite);
    describeWorkloads(suite);
    describeFacts(suite);
    describeKubectl(suite);
  });
}
