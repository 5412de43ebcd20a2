import { setTimeout as delay } from 'node:timers/promises';
import type { AppReport, JsonObject, KubeObject } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import type { StartAgentCluster } from './agent-harness.js';
import { AgentHarness, MemoryInventories, configMap, deployment } from './agent-harness.js';
import { ContractClient } from './contract-cluster.js';
import { eventually } from './eventually.js';

/** A CRD of its own for each test: CRDs are cluster-scoped. */
function widgets(group: string): { crd: KubeObject; widget: KubeObject; apiVersion: string } {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  const apiVersion = `${group}/v1`;
  return { crd, apiVersion, widget: { apiVersion, kind: 'Widget', metadata: { name: 'one' }, spec: { size: 1 } } };
}

const BROKEN: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'broken' },
  spec: { ports: [{ port: 99999 }] },
};

const inPhase = (object: KubeObject, phase: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { 'flotilla.dev/phase': phase } },
});

function job(name: string, image: string): KubeObject {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'run', image }] } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } };
}

/** In which order things happen, what waits for what, and what does not stop what. */
export function agentOrderContract(start: StartAgentCluster): void {
  describe('agent: order', () => {
    it('applies custom resources together with their CRD', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const { crd, widget, apiVersion } = widgets(`together.${agent.namespace}.example`);
      const web = agent.app('web', [widget, crd]);
      agent.want(web);
      await agent.reported('web', (report) => report.phase === 'applied');
      expect(agent.log('web').filter((line) => line.startsWith('applied'))).toEqual([
        `applied CustomResourceDefinition/${crd.metadata.name} create`,
        'applied Widget/one create',
      ]);
      expect(await agent.client.get(agent.address(apiVersion, 'Widget', 'one'))).toMatchObject({ spec: { size: 1 } });
    });

    it('waits for a kind that comes later, and applies the rest meanwhile', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const { crd, widget } = widgets(`later.${agent.namespace}.example`);
      const web = agent.app('web', [widget, configMap('a', {})]);
      agent.want(web);
      const report = await agent.reported('web', (said) =>
        said.problems.some((problem) => problem.code === 'kindMissing'),
      );
      expect(report.phase).not.toBe('applied');
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'a'))).toBeDefined();
      using client = new ContractClient(cluster);
      await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { ...crd });
      await agent.reported('web', (said) => said.phase === 'applied');
    });

    it('goes on with independent objects when one fails, and names every problem at once', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const other = { ...BROKEN, metadata: { name: 'also-broken' } };
      const typed: KubeObject = { ...configMap('typed', {}), data: { port: 80 } };
      agent.want(agent.app('web', [BROKEN, other, typed, configMap('a', {}), configMap('b', {})]));
      const report = await agent.reported('web', (said) => said.problems.length === 3);
      expect(report).toMatchObject({ phase: 'partial', objects: 5, objectsReady: 2 });
      expect(report.problems.map((problem) => [problem.ref.name, problem.code])).toEqual([
        ['typed', 'invalid'],
        ['also-broken', 'invalid'],
        ['broken', 'invalid'],
      ]);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'b'))).toBeDefined();
    });

    it('a later phase waits until the earlier one is healthy', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [inPhase(job('migrate', 'migrate:1.0'), '-1'), configMap('a', {})]);
      agent.want(web);
      await agent.reported('web', (report) => report.objects === 2);
      const before = agent.log('web').filter((line) => line.startsWith('applied'));
      expect(before[0]).toBe('applied Job/migrate create');
      using client = new ContractClient(cluster);
      await completeJob(client, agent.namespace, 'migrate');
      await agent.healthy(web);
      expect(agent.log('web').filter((line) => line.startsWith('applied'))).toEqual([
        'applied Job/migrate create',
        'applied ConfigMap/a create',
      ]);
    });

    it('replaces a finished Job, whose template cannot be changed', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const first = agent.app('web', [job('migrate', 'migrate:1.0')]);
      agent.want(first);
      await agent.reported('web', (report) => report.phase === 'applied');
      await completeJob(client, agent.namespace, 'migrate');
      await agent.healthy(first);
      const { uid } = (await client.get(`/apis/batch/v1/namespaces/${agent.namespace}/jobs/migrate`)).metadata;
      const second = agent.app('web', [job('migrate', 'migrate:2.0')]);
      agent.want(second);
      await agent.reported(
        'web',
        (report) => report.appliedBundle === second.entry.bundle && report.phase === 'applied',
      );
      expect((await client.get(`/apis/batch/v1/namespaces/${agent.namespace}/jobs/migrate`)).metadata.uid).not.toBe(
        uid,
      );
    });

    it('a newer desired state supersedes what is under way; the last one wins', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      for (let round = 0; round < 20; round += 1) {
        agent.want(
          agent.app('web', [configMap('a', { round: String(round) }), configMap('b', { round: String(round) })]),
        );
        if (round % 4 === 0) await delay(5);
      }
      const last = agent.app('web', [configMap('a', { round: 'last' }), configMap('b', { round: 'last' })]);
      agent.want(last);
      await agent.healthy(last);
      for (const name of ['a', 'b']) {
        expect(await agent.client.get(agent.address('v1', 'ConfigMap', name))).toMatchObject({
          data: { round: 'last' },
        });
      }
    });

    it('waits for a deletion set beyond the budget before the first change, and still heals', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const budget = { maxDeletes: { objects: 1, percent: 0 }, confirm: [] };
      const all = ['a', 'b', 'c'].map((name) => configMap(name, { v: '1' }));
      const first = agent.app('web', all, { policy: { budget } });
      agent.want(first);
      await agent.healthy(first);
      const objects = [configMap('a', { v: '1' }), configMap('new', {})];
      agent.want(agent.app('web', objects, { policy: { budget } }));
      const held = await agent.reported('web', (report) => report.deletionSet !== undefined);
      expect(held.phase).toBe('blocked');
      expect(held.deletions.map((ref) => ref.name)).toEqual(['b', 'c']);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'new'))).toBeUndefined();
      await agent.client.patch(agent.address('v1', 'ConfigMap', 'a'), { data: { v: 'edited' } }, { type: 'merge' });
      await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed));
      const approvedDeletions = [held.deletionSet ?? ''];
      const approved = agent.app('web', objects, { policy: { budget }, entry: { approvedDeletions } });
      agent.want(approved);
      await agent.healthy(approved);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'b'))).toBeUndefined();
    });

    it('names what a namespace and a CRD would take along, before their deletion is approved', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const { crd, widget } = widgets(`taken.${agent.namespace}.example`);
      const extra = `${agent.namespace}-extra`;
      const namespace = { ...agent.namespaceObject, metadata: { name: extra } };
      const inside = configMap('inside', {}, { namespace: extra });
      const kept = configMap('kept', { v: '1' });
      const first = agent.app('web', [crd, widget, namespace, inside, kept]);
      agent.want(first);
      await agent.reported('web', ({ phase }) => phase === 'applied');
      const strayWidget = { ...widget, metadata: { name: 'stray', namespace: extra } };
      await agent.client.create(agent.address(widget.apiVersion, 'Widget', '').type, strayWidget);
      const stray = { ...configMap('stray', {}, { namespace: extra }) };
      await agent.client.create(agent.address('v1', 'ConfigMap', '').type, stray);
      // A person is asked about the whole app: it runs on, nothing is written, and it says the same.
      const before = agent.calls.length;
      agent.reconciler.setAsked(new Set(['web']));
      const obstacles = ({ problems }: AppReport): string[] =>
        problems.flatMap(({ ref, code }) => (code === 'deletionObstacle' ? [ref.kind] : [])).sort();
      const asked = await agent.reported('web', (report) => obstacles(report).length === 2);
      expect(obstacles(asked)).toEqual(['CustomResourceDefinition', 'Namespace']);
      expect(asked).toMatchObject({ phase: 'applied', deletionSet: undefined });
      expect(agent.calls.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
      agent.reconciler.setAsked(new Set());
      await agent.reported('web', (report) => obstacles(report).length === 0);
      agent.want(agent.app('web', [kept]));
      const held = await agent.reported('web', (report) => obstacles(report).length === 2);
      const told = held.problems.map(({ ref, code, message }) => `${ref.kind} ${code}: ${message}`).sort();
      expect(held.deletionSet).toBeDefined();
      expect(told).toEqual([
        `CustomResourceDefinition deletionObstacle: live custom resources of its kind would be deleted with it: ${extra}/stray`,
        'Namespace deletionObstacle: foreign objects would be deleted with it: ConfigMap stray, Widget stray',
      ]);
      // Nothing was deleted, and what stands in the way may leave by itself.
      expect(await agent.client.find(agent.address('v1', 'Namespace', extra))).toBeDefined();
      const lists = agent.calls.filter(({ path }) => path.includes(`/namespaces/${extra}/`)).length;
      expect(lists).toBeLessThan(120);
      agent.want(first);
      await agent.reported('web', ({ problems, deletionSet }) => problems.length === 0 && deletionSet === undefined);
    });

    it('heals what was applied while a newer bundle waits that changes or drops it, also after a restart', async () => {
      await using cluster = await start();
      const store = new MemoryInventories();
      const maps = (...values: [string, string][]): KubeObject[] => values.map(([name, v]) => configMap(name, { v }));
      const old = maps(['same', '1'], ['changed', '1'], ['dropped', '1'], ['too', '1']);
      const budget = { maxDeletes: { objects: 1, percent: 0 }, confirm: [] };
      const edit = async (agent: AgentHarness, name: string): Promise<void> => {
        await agent.client.patch(agent.address('v1', 'ConfigMap', name), { data: { v: 'by hand' } }, { type: 'merge' });
      };
      const remove = async (agent: AgentHarness, name: string): Promise<void> => {
        const { metadata } = await agent.client.get(agent.address('v1', 'ConfigMap', name));
        await agent.client.delete(agent.address('v1', 'ConfigMap', name), { uid: metadata['uid'] as string });
      };
      /** What each holds, once it is that. */
      const hold = (agent: AgentHarness, wanted: Record<string, unknown>): Promise<void> =>
        expect
          .poll(
            async () => {
              const names = Object.keys(wanted);
              const found = names.map((name) => agent.client.find(agent.address('v1', 'ConfigMap', name)));
              const values = (await Promise.all(found)).map(
                (live) => (live?.['data'] as { v: unknown } | undefined)?.v,
              );
              return Object.fromEntries(names.map((name, index) => [name, values[index]]));
            },
            { timeout: 20_000, interval: 20 },
          )
          .toEqual(wanted);
      const before = { same: '1', changed: '1', dropped: '1', too: '1', new: undefined };
      const next = maps(['same', '1'], ['changed', '2'], ['new', '1']);

      const first = await AgentHarness.start(cluster, store);
      const web = first.app('web', old, { policy: { budget } });
      first.want(web);
      await first.healthy(web);
      first.want(first.app('web', next, { policy: { budget } }));
      await first.reported('web', ({ deletionSet }) => deletionSet !== undefined);
      await edit(first, 'changed');
      await edit(first, 'dropped');
      await remove(first, 'too');
      await hold(first, before);
      const report = await first.reported('web', ({ drifts }) => drifts.filter(({ healed }) => healed).length === 3);
      expect([report.phase, report.appliedBundle]).toEqual(['blocked', web.entry.bundle]);
      await first.reconciler.stop();

      // Another process has what is stored and the newer bundle, and nobody to ask for the older one.
      await using second = await AgentHarness.start(cluster, store);
      await edit(second, 'dropped');
      await remove(second, 'changed');
      const waiting = second.app('web', next, { policy: { budget } });
      second.want(waiting);
      await hold(second, before);

      const { deletionSet = '' } = await second.reported('web', (said) => said.deletionSet !== undefined);
      const approved = second.app('web', next, { policy: { budget }, entry: { approvedDeletions: [deletionSet] } });
      second.want(approved);
      await second.healthy(approved);
      await hold(second, { same: '1', changed: '2', dropped: undefined, too: undefined, new: '1' });
      expect([...store.kept.values()].join('')).not.toContain('"kept"');

      // The same while another app has to be healthy first.
      const base = second.app('base', [deployment('base', 'base:missing')]);
      const after = second.app('web', maps(['same', '9'], ['new', '1']), { policy: { budget, dependsOn: ['base'] } });
      second.want(base, after);
      await second.reported('web', ({ phase }) => phase === 'blocked');
      await edit(second, 'same');
      await edit(second, 'changed');
      await hold(second, { same: '1', changed: '2', new: '1' });
      await first[Symbol.asyncDispose]();
    });

    it('applies an app after the apps it depends on, and removes them in reverse', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const base = agent.app('base', [configMap('base', {})]);
      const web = agent.app('web', [configMap('web', {})], { policy: { dependsOn: ['base'] } });
      agent.want(web);
      await agent.reported('web', (report) => report.phase === 'blocked');
      agent.want(web, base);
      await agent.healthy(web);
      const leaving = [
        agent.app('base', base.objects, { entry: { life: 'prune' } }),
        agent.app('web', web.objects, { entry: { life: 'prune' }, policy: { dependsOn: ['base'] } }),
      ];
      agent.want(...leaving);
      await eventually(async () => agent.removed.length === 2);
      expect(agent.removed).toEqual(['web', 'base']);
    });

    it('keeps healing what was applied before while it waits for another app', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const policy = { dependsOn: ['base'] };
      const base = agent.app('base', [configMap('base', {})]);
      const web = agent.app('web', [configMap('a', { v: '1' })], { policy });
      agent.want(web, base);
      await agent.healthy(web);
      const next = agent.app('web', [configMap('a', { v: '1' }), configMap('b', {})], { policy });
      agent.want(next, agent.app('base', [BROKEN]));
      await agent.reported('web', (report) => report.phase === 'blocked');
      const address = agent.address('v1', 'ConfigMap', 'a');
      await agent.client.patch(address, { data: { v: 'edited' } }, { type: 'merge' });
      await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed));
      expect(await agent.client.get(address)).toMatchObject({ data: { v: '1' } });
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'b'))).toBeUndefined();
    });

    it('tells early that a bundle fails which would also prune, and prunes nothing for it', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const checks = [{ apiVersion: 'v1', kind: 'ConfigMap', current: 'data.v != "bad"', failed: 'data.v == "bad"' }];
      const policy = { health: { checks, failFast: true } };
      const good = agent.app('web', [configMap('a', { v: '1' }), configMap('old', { v: '1' })], { policy });
      agent.want(good);
      await agent.healthy(good);
      const bad = agent.app('web', [configMap('a', { v: 'bad' })], { policy });
      agent.want(bad);
      const report = await agent.reported('web', (said) => said.failedFast);
      expect(report).toMatchObject({ appliedBundle: good.entry.bundle, attemptedBundle: bad.entry.bundle });
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'old'))).toBeDefined();
      const mended = agent.app('web', [configMap('a', { v: '2' })], { policy });
      agent.want(mended);
      await agent.healthy(mended);
      expect(await agent.client.find(agent.address('v1', 'ConfigMap', 'old'))).toBeUndefined();
    });

    it('names the finalizer that keeps a pruned object, and goes on with everything else', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const held = configMap('held', {}, { finalizers: ['example.com/wait'] });
      const first = agent.app('web', [held, configMap('a', { v: '1' })]);
      agent.want(first);
      await agent.healthy(first);
      const second = agent.app('web', [configMap('a', { v: '2' })]);
      agent.want(second);
      const report = await agent.reported('web', (said) => said.phase === 'blocked');
      expect(report.problems).toMatchObject([{ ref: { name: 'held' }, code: 'stuck' }]);
      expect(report.problems[0]?.message).toContain('held by: finalizer example.com/wait');
      expect(await agent.client.get(agent.address('v1', 'ConfigMap', 'a'))).toMatchObject({ data: { v: '2' } });
      const address = agent.address('v1', 'ConfigMap', 'held');
      await agent.client.patch(address, { metadata: { finalizers: null } }, { type: 'merge' });
      await agent.healthy(second);
    });

    it('tells from their newest Pods why workloads are not ready, however they select them', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const chosen = { matchExpressions: [{ key: 'app', operator: 'In', values: ['chosen', 'other'] }] };
      const make = (image: string, maxUnavailable: number): KubeObject[] => {
        const { spec, ...chosenOne } = deployment('chosen', image, 1);
        const { template } = spec as { readonly template: JsonObject };
        const everywhere = { template, selector: { matchLabels: { app: 'chosen' } } };
        const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } };
        return [
          { ...chosenOne, spec: { ...(spec as JsonObject), selector: chosen } },
          {
            apiVersion: 'apps/v1',
            kind: 'DaemonSet',
            metadata: { name: 'all' },
            spec: { ...everywhere, updateStrategy },
          },
        ];
      };
      // A change outside of the template raises the generation, and is no new revision of the Pods.
      for (const maxUnavailable of [1, 2]) {
        const good = agent.app('web', make('web:1.0', maxUnavailable));
        agent.want(good);
        await agent.healthy(good);
      }
      agent.want(agent.app('web', make('web:missing', 2)));
      const report = await agent.reported('web', ({ problems }) =>
        ['DaemonSet', 'Deployment'].every((kind) =>
          problems.some(({ ref, code }) => ref.kind === kind && /ImagePull/.test(code)),
        ),
      );
      expect(report.problems).toHaveLength(2);
    });

    it('a renamed app takes over what it owned under its former name', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const old = agent.app('old', [configMap('kept', {}), configMap('dropped', {})]);
      agent.want(old);
      await agent.healthy(old);
      const { uid } = (await agent.client.get(agent.address('v1', 'ConfigMap', 'kept'))).metadata;
      const renamed = agent.app('new', [configMap('kept', {})], { policy: { formerly: ['old'] } });
      agent.want(agent.app('old', [], { entry: { life: 'orphan' } }), renamed);
      await agent.healthy(renamed);
      const kept = await agent.client.get(agent.address('v1', 'ConfigMap', 'kept'));
      expect(kept.metadata['uid']).toBe(uid);
      expect(kept.metadata.labels).toEqual({ 'flotilla.dev/app': 'new' });
      await eventually(
        async () => (await agent.client.find(agent.address('v1', 'ConfigMap', 'dropped'))) === undefined,
      );
    });

    it('does not write while suspended, says what drifted, and heals when the time is over', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' })]);
      agent.want(web);
      await agent.healthy(web);
      agent.want(agent.app('web', web.objects, { entry: { suspendedUntil: Date.now() + 1_500 } }));
      await agent.reported('web', (report) => report.phase === 'suspended');
      // A clock that is set back does not prolong it.
      agent.skewMs = -3_600_000;
      const address = agent.address('v1', 'ConfigMap', 'a');
      await agent.client.patch(address, { data: { v: 'edited' } }, { type: 'merge' });
      await agent.reported('web', (report) =>
        report.drifts.some((drift) => !drift.healed && drift.field === '/data/v'),
      );
      expect(await agent.client.get(address)).toMatchObject({ data: { v: 'edited' } });
      await agent.reported('web', (report) => report.drifts.some((drift) => drift.healed));
      expect(await agent.client.get(address)).toMatchObject({ data: { v: '1' } });
    });

    it('only observes in that mode', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      await client.create('/api/v1/namespaces', { ...agent.namespaceObject });
      await client.create(agent.configMaps, { ...configMap('a', { v: '1' }) });
      const before = await client.get(`${agent.configMaps}/a`);
      agent.want(
        agent.app('web', [configMap('a', { v: '2' }), configMap('missing', {})], { policy: { mode: 'observe' } }),
      );
      const report = await agent.reported('web', (said) => said.drifted === 2);
      expect(report.phase).toBe('observed');
      expect(report.drifts).toContainEqual(
        expect.objectContaining({ field: '/data/v', wanted: '"2"', live: '"1"', healed: false }),
      );
      expect(await client.get(`${agent.configMaps}/a`)).toEqual(before);
      expect(agent.store.saves).toBe(0);
    });

    it('makes a namespace that was deleted by hand again, in order', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = agent.app('web', [configMap('a', { v: '1' }), agent.namespaceObject]);
      agent.want(web);
      await agent.healthy(web);
      using client = new ContractClient(cluster);
      await client.ok('DELETE', `/api/v1/namespaces/${agent.namespace}`);
      const uid = async (): Promise<string> => (await client.get(`/api/v1/namespaces/${agent.namespace}`)).metadata.uid;
      const first = await uid().catch(() => '');
      await eventually(
        async () => (await uid().catch(() => first)) !== first && client.exists(`${agent.configMaps}/a`),
      );
      await agent.healthy(web);
    });

    it('a claim that waits for its first consumer holds nothing up, and one made again says that it is empty', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      using client = new ContractClient(cluster);
      const storageClassName = `late-${agent.namespace}`;
      await client.create('/apis/storage.k8s.io/v1/storageclasses', {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: storageClassName },
        provisioner: 'example.com/none',
        volumeBindingMode: 'WaitForFirstConsumer',
      });
      const resources = { requests: { storage: '1Gi' } };
      const claim = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources },
      };
      const web = agent.app('web', [claim, configMap('a', {})]);
      agent.want(web);
      await agent.healthy(web);
      const address = agent.address('v1', 'PersistentVolumeClaim', 'data');
      const { uid } = (await agent.client.get(address)).metadata as unknown as { uid: string };
      await agent.client.patch(address, { metadata: { finalizers: null } }, { type: 'merge' });
      await agent.client.delete(address, { uid });
      const report = await agent.reported('web', (said) => said.drifts.some((drift) => drift.healed));
      expect(report.drifts[0]).toMatchObject({ field: '/spec/volumeName', live: '"a new, empty volume"' });
      await agent.healthy(web);
    });

    it('restarted, it verifies, writes nothing that is right, and finishes what was cut short', async () => {
      await using cluster = await start();
      const store = new MemoryInventories();
      {
        await using first = await AgentHarness.start(cluster, store);
        const web = first.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '1' })]);
        first.want(web);
        await first.healthy(web);
      }
      await using agent = await AgentHarness.start(cluster, store);
      using client = new ContractClient(cluster);
      const before = agent.calls.length;
      const same = agent.app('web', [configMap('a', { v: '1' }), configMap('b', { v: '1' })]);
      agent.want(same);
      await agent.healthy(same);
      expect(agent.calls.slice(before)).toEqual([]);
      expect(await client.exists(`${agent.configMaps}/b`)).toBe(true);
    });

    it('converges on content that the API server writes in another form, and then stays silent', async () => {
      await using cluster = await start();
      await using agent = await AgentHarness.start(cluster);
      const web = deployment('web', 'web:1.0');
      const limits = { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: '0.5', memory: '0.5Gi' } };
      const quantities = structuredClone(web) as unknown as {
        spec: { template: { spec: { containers: Record<string, unknown>[] } } };
      };
      Object.assign(quantities.spec.template.spec.containers[0] ?? {}, { resources: limits });
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      };
      const app = agent.app('web', [
        quantities as unknown as KubeObject,
        service,
        configMap('odd', { text: 'a\u0085b\u007f\u2028c' }),
      ]);
      agent.want(app);
      const report = await agent.healthy(app);
      expect(report.drifts).toEqual([]);
      expect(await agent.client.get(agent.address('v1', 'ConfigMap', 'odd'))).toMatchObject({
        data: { text: 'a\u0085b\u007f\u2028c' },
      });
      const before = agent.calls.length;
      agent.want(agent.app('web', app.objects, { entry: { retry: 1 } }));
      await agent.reported('web', (again) => again.evaluated.number === 2);
      expect(agent.calls.slice(before).filter((call) => call.method !== 'GET')).toEqual([]);
    });
  });
}

/** Lets a Job complete, whether or not the cluster's own controllers do it. */
async function completeJob(client: ContractClient, namespace: string, name: string): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
  await eventually(async () => {
    const live = await client.get(path);
    const conditions =
      (live as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions ?? [];
    return conditions.some((condition) => condition.type === 'Complete' && condition.status === 'True');
  });
}
