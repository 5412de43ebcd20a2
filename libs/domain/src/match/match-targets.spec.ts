import { describe, expect, it } from 'vitest';
import type { ClusterChoice, GroupDefinition } from '../definitions/index.js';
import { parseFleet } from '../definitions/index.js';
import { parseSelector } from '../selectors/index.js';
import { checkClusterNames } from './check-cluster-names.js';
import type { ClusterFacts } from './cluster-facts.js';
import { effectiveLabels } from './effective-labels.js';
import { matchTargets } from './match-targets.js';

function bySelector(text: string): Extract<ClusterChoice, { by: 'selector' }> {
  const result = parseSelector(text);
  if (!result.ok) throw new Error(result.error.message);
  return { by: 'selector', selector: result.selector };
}

function cluster(id: number, name: string, labels: Record<string, string> = {}): ClusterFacts {
  return { id, name, labels, values: {} };
}

const place = { file: '', line: 1, column: 1 };
const edge: GroupDefinition = {
  kind: 'ClusterGroup',
  name: 'edge',
  labels: {},
  place,
  selector: bySelector('tier=edge').selector,
};
const clusters = [
  cluster(1, 'eu-1', { env: 'prod', region: 'eu' }),
  cluster(2, 'us-1', { env: 'prod', region: 'us' }),
  cluster(3, 'shop-7', { tier: 'edge' }),
  cluster(4, 'lab-1'),
];

describe('matchTargets', () => {
  it('takes any of the targets and tells the first that chose', () => {
    const targets: ClusterChoice[] = [
      bySelector('env=prod,region in (eu)'),
      { by: 'group', group: 'edge' },
      { by: 'clusters', clusters: ['lab-1', 'eu-1', 'gone'] },
    ];
    expect(matchTargets({ targets, except: [] }, clusters, { edge })).toEqual([
      { clusterId: 1, reason: 'selector env=prod,region=eu' },
      { clusterId: 3, reason: 'group edge' },
      { clusterId: 4, reason: 'clusters lab-1, eu-1, gone' },
    ]);
  });

  it('leaves out what except chooses', () => {
    const app = {
      targets: [{ by: 'all' }],
      except: [{ by: 'group', group: 'edge' }, bySelector('region=us')],
    } as const;
    expect(matchTargets(app, clusters, { edge }).map((target) => target.clusterId)).toEqual([1, 4]);
  });

  it('takes nothing for a group that is not defined', () => {
    expect(matchTargets({ targets: [{ by: 'group', group: 'toString' }], except: [] }, clusters, { edge })).toEqual([]);
  });
});

describe('effectiveLabels', () => {
  it('lets the document win key by key', () => {
    expect(effectiveLabels({ env: 'lab', region: 'eu' }, { labels: { env: 'prod' } })).toEqual({
      env: 'prod',
      region: 'eu',
    });
    expect(effectiveLabels({ env: 'lab' }, undefined)).toEqual({ env: 'lab' });
  });

  it('takes usable facts from the agent and from nobody else', () => {
    const stated = { facts: { version: '1.36', nodes: '3' }, usable: ['version', 'provider'] };
    expect(
      effectiveLabels({ 'facts/version': '9', 'facts/nodes': '9' }, { labels: { 'facts/x': '1' } }, stated),
    ).toEqual({
      'facts/version': '1.36',
    });
  });
});

describe('checkClusterNames', () => {
  it('warns of clusters that have not joined', () => {
    const content = 'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}, {clusters: [eu-1, eu-l]}]}';
    const { definitions } = parseFleet([{ path: 'web/flotilla.yaml', content }]);
    expect(checkClusterNames(definitions, clusters)).toMatchObject([
      {
        code: 'unknownReference',
        severity: 'warning',
        field: 'spec.targets[1].clusters',
        message: 'no cluster "eu-l" has joined',
      },
    ]);
  });
});
