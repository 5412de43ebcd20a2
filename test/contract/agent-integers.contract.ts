import { canonicalObject, parseJson, printJson, readManifests } from '@flotilla/domain';
import type { AppReport, KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness } from './agent-harness.js';
import { eventually } from './eventually.js';

/** A kind with a field of 64 bits, and one in which everything goes. */
const manifests = (group: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: counters.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {kind: Counter, listKind: CounterList, plural: counters, singular: counter}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                limit: {type: integer, format: int64}
                limits: {type: array, x-kubernetes-list-type: set, items: {type: integer, format: int64}}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
---
apiVersion: ${group}/v1
kind: Counter
metadata: {name: large}
spec:
  limit: 9007199254740993
  limits: [9007199254740993, -9_223_372_036_854_775_808, 7]
  free: {a: 9223372036854775807, b: {c: [0x20000000000001]}, text: "9007199254740993"}
`;

const isApplied = ({ phase }: AppReport): boolean => phase === 'applied';

function read(text: string): KubeObject[] {
  const found = readManifests({ path: 'a.yaml', id: '', content: new TextEncoder().encode(text) });
  expect(found.problems).toEqual([]);
  return found.objects.map(({ object }) => canonicalObject(object));
}

export function agentIntegersContract(start: StartAgentCluster): void {
  describe('agent: whole numbers beyond 2^53', () => {
    it('arrive exactly, stay silent, and a difference of one is drift', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const group = `${cluster.namespace}.example.com`;
      const counters = agent.app('counters', read(manifests(group)));
      agent.want(counters);
      await agent.reported('counters', isApplied);
      const address = agent.address(`${group}/v1`, 'Counter', 'large');
      const live = async (): Promise<string> => printJson((await agent.client.get(address))['spec'] ?? null);
      const wanted =
        '{"free":{"a":9223372036854775807,"b":{"c":[9007199254740993]},"text":"9007199254740993"},' +
        '"limit":9007199254740993,"limits":[9007199254740993,-9223372036854775808,7]}';
      expect(parseJson(await live())).toEqual(parseJson(wanted));
      expect(JSON.stringify(parseJson(await live()))).toContain('text":"9007199254740993"');

      // One less is the same to who reads numbers as JavaScript does.
      const events = agent.log('counters').length;
      const patch = parseJson('{"spec":{"limit":9007199254740992,"free":{"a":9223372036854775806}}}');
      await agent.client.patch(address, patch, { type: 'merge' });
      await eventually(async () => (await live()).includes('"limit":9007199254740993'));
      const report = await agent.reported(
        'counters',
        ({ drifts }) => drifts.length > 0 && drifts.every(({ healed }) => healed),
      );
      const told = report.drifts.map(({ field, wanted: right, live: wrong }) => `${field} ${right} ${wrong}`);
      expect(told.sort()).toEqual([
        '/spec/free/a 9223372036854775807 9223372036854775806',
        '/spec/limit 9007199254740993 9007199254740992',
      ]);
      expect(parseJson(await live())).toEqual(parseJson(wanted));
      const later = agent.log('counters').slice(events);
      expect(later.filter((line) => line.startsWith('applied'))).toEqual(['applied Counter/large drift']);

      // Another process that only has what is stored finds nothing to do.
      await agent.reconciler.stop();
      await using next = await AgentHarness.start(cluster, agent.store);
      next.want(counters);
      await next.reported('counters', isApplied);
      expect(next.log('counters').filter((line) => line.startsWith('applied'))).toEqual([]);
    });
  });
}
