import type { ClusterDefinition, GroupDefinition } from '../definition.js';
import { selector } from '../fields/cluster-types.js';
import { jsonObject } from '../fields/collection-types.js';
import { defaulted, object, required, section } from '../fields/object-type.js';
import { FACTS_PREFIX } from '../../selectors/index.js';
import { nearestSpot } from '../yaml-node.js';
import type { KindRule } from './kind-rule.js';
import { defineKind } from './kind-rule.js';

export const clusterKind: KindRule = defineKind({
  kind: 'Cluster',
  doc: 'Labels and values of an enrolled cluster, kept in Git; its name is the one it joined with.',
  inProjects: false,
  spec: section(
    { values: defaulted(jsonObject, 'What definitions may use as `${cluster.values.…}`.', { value: {} }) },
    'What is known of the cluster.',
  ),
  build(head, values, context): ClusterDefinition {
    const fact = Object.keys(head.labels).find((key) => key.startsWith(FACTS_PREFIX));
    if (fact !== undefined) {
      context.at
        .member('metadata')
        .member('labels')
        .error({
          code: 'invalidValue',
          spot: nearestSpot(context.root, ['metadata', 'labels', fact]),
          message: `"${fact}": labels under ${FACTS_PREFIX} are what the agent states`,
          hint: 'Choose another key.',
        });
    }
    return { kind: 'Cluster', ...head, ...values };
  },
});

export const clusterGroupKind: KindRule = defineKind({
  kind: 'ClusterGroup',
  doc: 'A selector with a name.',
  inProjects: false,
  spec: required(object({ selector: required(selector, 'Clusters of the group.') }), 'Which clusters.'),
  build: (head, values): GroupDefinition => ({ kind: 'ClusterGroup', ...head, ...values }),
});
