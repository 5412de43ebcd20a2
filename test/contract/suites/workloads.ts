import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../contract-cluster.js';
import { eventually } from '../eventually.js';
import { deployment, service } from '../sample-objects.js';
import { aString, containing } from '../matchers.js';
import type { Namespace, Suite } from '../suite-context.js';

export function describeWorkloads(suite: Suite): void {
  describe('workloads', () => {
    describeDeployments(suite);
    describeOthers(suite);
    describeServices(suite);
    describeLeases(suite);
  });
}

interface Status {
  readonly observedGeneration?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
}

const statusOf = (object: KubeObject): Status => object['status'] ?? {};

async function podsOf(suite: Suite, { path }: Namespace, app: string): Promise<KubeObject[]> {
  return (await suite.client.get(`${path('pods')}?labelSelector=app%3D${app}`))['items'] as KubeObject[];
}

function describeDeployments(suite: Suite): void {
  it('brings a Deployment of three to three ready Pods', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const made = await client.apply(path('apps/v1/deployments', 'web'), deployment('web', { replicas: 3 }));
    const ready = await eventually(async () => {
      const live = await client.get(path('apps/v1/deployments', 'web'));
      return statusOf(live).readyReplicas === 3 && live;
    });
    expect(statusOf(ready)).toMatchObject({
      observedGeneration: made.metadata.generation,
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
    });
    expect(statusOf(ready).conditions).toContainEqual(expect.objectContaining({ type: 'Available', status: 'True' }));
    expect(ready.metadata).toMatchObject({ annotations: { 'deployment.kubernetes.io/revision': '1' } });
  });

  it('keeps Pods of an image that there is not in ImagePullBackOff, and the old ones ready', async () => {
    const { client } = suite;
    const namespace = await suite.namespace();
    const web = namespace.path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 2 }));
    await eventually(async () => statusOf(await client.get(web)).readyReplicas === 2);
    await client.apply(web, deployment('web', { replicas: 2, image: 'registry.example.com:5000/web:1.5.O' }));
    const waiting = await eventually(async () => {
      const pods = await podsOf(suite, namespace, 'web');
      return pods.find((pod) => waitingOf(pod)?.reason === 'ImagePullBackOff');
    });
    expect(waiting['status']).toMatchObject({ phase: 'Pending' });
    expect(waitingOf(waiting)).toEqual({
      reason: 'ImagePullBackOff',
      message: containing('registry.example.com:5000/web:1.5.O'),
    });
    const live = await eventually(async () => {
      const object = await client.get(web);
      return statusOf(object).observedGeneration === 2 && statusOf(object).updatedReplicas === 1 && object;
    });
    expect(statusOf(live)).toMatchObject({ readyReplicas: 2, unavailableReplicas: 1 });
  });

  it('says that it makes no progress when its deadline is over', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(
      web,
      deployment('web', { replicas: 1, image: 'web:missing', spec: { progressDeadlineSeconds: 1 } }),
    );
    await eventually(async () => {
      const { conditions = [] } = statusOf(await client.get(web));
      return conditions.some(
        ({ type, status, reason }) =>
          type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
      );
    });
  });

  it('rolls over to a new image, and is done when only new Pods are left', async () => {
    const { client } = suite;
    const namespace = await suite.namespace();
    const web = namespace.path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 3, image: 'web:1.0' }));
    await eventually(async () => statusOf(await client.get(web)).readyReplicas === 3);
    await client.apply(web, deployment('web', { replicas: 3, image: 'web:2.0' }));
    await eventually(async () => {
      const pods = (await podsOf(suite, namespace, 'web')).filter(
        (pod) => pod.metadata.deletionTimestamp === undefined,
      );
      return pods.length === 3 && pods.every((pod) => imageOf(pod) === 'web:2.0');
    });
    const { path } = namespace;
    const sets = (await client.get(path('apps/v1/replicasets')))['items'] as KubeObject[];
    expect(sets.map((set) => (set['spec'] as { replicas: number }).replicas).sort()).toEqual([0, 3]);
  });

  it('replaces a Pod that somebody deletes', async () => {
    const { client } = suite;
    const namespace = await suite.namespace();
    await client.apply(namespace.path('apps/v1/deployments', 'web'), deployment('web', { replicas: 1 }));
    const [pod] = await eventually(async () => {
      const pods = await podsOf(suite, namespace, 'web');
      return pods.length === 1 && pods;
    });
    await client.ok('DELETE', namespace.path('pods', pod?.metadata.name));
    await eventually(async () => {
      const pods = await podsOf(suite, namespace, 'web');
      return pods.length === 1 && pods[0]?.metadata.uid !== pod?.metadata.uid;
    });
  });

  it('scales by the scale subresource', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const web = path('apps/v1/deployments', 'web');
    await client.apply(web, deployment('web', { replicas: 1 }));
    const scaled = await client.patch(`${web}/scale`, { spec: { replicas: 2 } });
    expect(scaled).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 } });
    await eventually(async () => statusOf(await client.get(web)).readyReplicas === 2);
    expect(await client.get(`${web}/scale`)).toMatchObject({ status: { replicas: 2, selector: 'app=web' } });
  });
}

const waitingOf = (pod: KubeObject): { reason: string } | undefined =>
  (pod['status'] as { containerStatuses?: { state: { waiting?: { reason: string } } }[] }).containerStatuses?.[0]?.state
    .waiting;
const imageOf = (pod: KubeObject): string | undefined =>
  (pod['spec'] as { containers: { image: string }[] }).containers[0]?.image;

const template = (name: string, more: object = {}): object => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'main:1.0' }], ...more },
});

function describeOthers(suite: Suite): void {
  it('brings up a StatefulSet in order, with names that stay', async () => {
    const { client } = suite;
    const namespace = await suite.namespace();
    const spec = { replicas: 2, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template('db') };
    const db = namespace.path('apps/v1/statefulsets', 'db');
    await client.apply(db, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec });
    const ready = await eventually(async () => {
      const live = await client.get(db);
      return statusOf(live).readyReplicas === 2 && live;
    });
    expect(ready['status']).toMatchObject({ updatedReplicas: 2, currentRevision: aString });
    expect((await podsOf(suite, namespace, 'db')).map(({ metadata }) => metadata.name).sort()).toEqual([
      'db-0',
      'db-1',
    ]);
  });

  it('runs a DaemonSet on every node', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const spec = { selector: { matchLabels: { app: 'log' } }, template: template('log') };
    const log = path('apps/v1/daemonsets', 'log');
    await client.apply(log, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'log' }, spec });
    await eventually(async () => {
      const status = (await client.get(log))['status'] as { desiredNumberScheduled?: number; numberReady?: number };
      return status.desiredNumberScheduled === 1 && status.numberReady === 1;
    });
  });

  it('counts for a PodDisruptionBudget how many Pods may go', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('apps/v1/deployments', 'web'), deployment('web', { replicas: 3 }));
    const isReady = async (): Promise<boolean> =>
      statusOf(await client.get(path('apps/v1/deployments', 'web'))).readyReplicas === 3;
    await eventually(isReady);
    const selector = { matchLabels: { app: 'web' } };
    const wanted = [
      { name: 'count', spec: { selector, minAvailable: 2 }, status: { expectedPods: 3, desiredHealthy: 2 }, spare: 1 },
      {
        name: 'share',
        spec: { selector, minAvailable: '50%' },
        status: { expectedPods: 3, desiredHealthy: 2 },
        spare: 1,
      },
      { name: 'none', spec: { selector, maxUnavailable: 0 }, status: { expectedPods: 3, desiredHealthy: 3 }, spare: 0 },
    ];
    for (const { name, spec } of wanted) {
      const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
      await client.apply(path('policy/v1/poddisruptionbudgets', name), budget);
    }
    for (const { name, status, spare } of wanted) {
      const settled = await eventually(async () => {
        const live = await client.get(path('policy/v1/poddisruptionbudgets', name));
        return (live['status'] as { currentHealthy?: number } | undefined)?.currentHealthy === 3 && live;
      });
      expect(settled['status']).toMatchObject({ ...status, disruptionsAllowed: spare, observedGeneration: 1 });
      const condition = { type: 'DisruptionAllowed', status: spare > 0 ? 'True' : 'False' };
      expect(statusOf(settled).conditions).toContainEqual(expect.objectContaining(condition));
    }
  });

  it('completes a Job', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const job = path('batch/v1/jobs', 'once');
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1.0' }] } } };
    await client.apply(job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec });
    const done = await eventually(async () => {
      const live = await client.get(job);
      return statusOf(live).conditions?.some(({ type, status }) => type === 'Complete' && status === 'True') && live;
    });
    expect(done['status']).toMatchObject({ succeeded: 1, completionTime: aString });
  });
}

function describeServices(suite: Suite): void {
  it('makes an EndpointSlice that inherits the labels of its Service', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    await client.apply(path('services', 'web'), service('web', [{ port: 80 }], { 'flotilla.dev/app': 'web' }));
    const slices = path('discovery.k8s.io/v1/endpointslices');
    const slice = await eventually(async () => {
      const { items } = await client.get(`${slices}?labelSelector=flotilla.dev%2Fapp%3Dweb`);
      return (items as KubeObject[])[0];
    });
    expect(slice.metadata).toMatchObject({
      labels: { 'kubernetes.io/service-name': 'web', 'flotilla.dev/app': 'web' },
      ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
    });
  });

  it('gives a Service an address that cannot be changed', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const made = await client.apply(path('services', 'web'), service('web', [{ port: 80 }]));
    const { clusterIP } = made['spec'] as { clusterIP: string };
    expect(clusterIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    const refusal = await client.applyRefused(
      path('services', 'web'),
      {
        ...made,
        metadata: { name: 'web' },
        spec: { ...(made['spec'] as object), clusterIP: '10.96.77.77', clusterIPs: ['10.96.77.77'] },
      },
      { force: true },
    );
    expect(refusal).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(refusal.details?.causes?.[0]?.field).toMatch(/^spec\.clusterIPs/);
  });
}

function describeLeases(suite: Suite): void {
  it('lets one of two holders win a Lease', async () => {
    const { client } = suite;
    const { path } = await suite.namespace();
    const leases = 'coordination.k8s.io/v1/leases';
    const now = new Date().toISOString().replace('Z', '000Z');
    const lease = (holderIdentity: string): { [key: string]: unknown } => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'one' },
      spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: now },
    });
    const made = await client.create(path(leases), lease('a'));
    expect(made['spec']).toEqual({ holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: now });
    expect(await client.refused('POST', path(leases), { body: lease('b') })).toMatchObject({ code: 409 });
    const renewed = await client.ok('PUT', path(leases, 'one'), { body: { ...made, spec: lease('a')['spec'] } });
    const stolen = { ...made, metadata: { ...made.metadata, resourceVersion: '1' }, spec: lease('b')['spec'] };
    expect(await client.refused('PUT', path(leases, 'one'), { body: stolen })).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    expect(renewed['spec']).toMatchObject({ holderIdentity: 'a' });
  });
}
