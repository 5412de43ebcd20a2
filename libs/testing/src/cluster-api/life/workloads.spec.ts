import { describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '../json.js';
import { numberAt, objectsAt, stringAt } from '../json.js';
import { DEFAULT, DEPLOYMENTS, deployment, MERGE, openCluster } from '../open-cluster.fixture.js';
import type { OpenCluster } from '../open-cluster.fixture.js';

async function podsOf(cluster: OpenCluster): Promise<KubeObject[]> {
  await cluster.api.settled();
  return (await cluster.call('GET', `${DEFAULT}/pods`)).body.items as KubeObject[];
}

function reasonOf(object: JsonObject, type: string): string {
  const condition = objectsAt(object, 'status', 'conditions').find((one) => one.type === type);
  return `${stringAt(condition, 'status')} ${stringAt(condition, 'reason')}`;
}

const workload = (kind: string, spec: JsonObject = {}): JsonObject => ({ ...deployment('db', spec), kind });
const SETS = '/apis/apps/v1/namespaces/default';

describe('Deployments', () => {
  it('get ready, are replaced by the next template, and come back', async () => {
    await using cluster = await openCluster();
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 3 }));
    const [first] = await podsOf(cluster);
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 3 }, 'web:1.1'));
    const pods = await podsOf(cluster);
    expect(pods.map((pod) => objectsAt(pod, 'spec', 'containers')[0]?.image)).toEqual([
      'web:1.1',
      'web:1.1',
      'web:1.1',
    ]);
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 3 }));
    const [back] = await podsOf(cluster);
    expect(back?.metadata.labels).toEqual(first?.metadata.labels);
    const { body } = await cluster.call('GET', `${DEPLOYMENTS}/web`);
    expect(body.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '3' });
    expect(body.status).toMatchObject({
      observedGeneration: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
    });
    expect([reasonOf(body, 'Available'), reasonOf(body, 'Progressing')]).toEqual([
      'True MinimumReplicasAvailable',
      'True NewReplicaSetAvailable',
    ]);
  });

  it('keep their old Pods when the new image is not there', async () => {
    await using cluster = await openCluster();
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 4 }));
    await podsOf(cluster);
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 4 }, 'web:1.5.O'));
    const pods = await podsOf(cluster);
    const waiting = pods.flatMap(
      (pod) => stringAt(pod, 'status', 'containerStatuses', 0, 'state', 'waiting', 'reason') || [],
    );
    expect(waiting).toEqual(['ImagePullBackOff', 'ImagePullBackOff']);
    expect(pods.filter((pod) => reasonOf(pod, 'Ready').startsWith('True'))).toHaveLength(3);
    const { body: events } = await cluster.call('GET', `${DEFAULT}/events?fieldSelector=type%3DWarning`);
    expect(JSON.stringify(events)).toContain('web:1.5.O: not found');
  });

  it('say so when their deadline is over', async () => {
    await using cluster = await openCluster();
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { progressDeadlineSeconds: 1 }, 'web:missing'));
    await cluster.api.settled();
    const { body } = await cluster.call('GET', `${DEPLOYMENTS}/web`);
    expect(reasonOf(body, 'Progressing')).toBe('False ProgressDeadlineExceeded');
  });

  it('follow their scale, whose writer then owns it', async () => {
    await using cluster = await openCluster();
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 1 }));
    await cluster.call('PATCH', `${DEPLOYMENTS}/web/scale?fieldManager=kubectl`, {
      body: { spec: { replicas: 2 } },
      contentType: MERGE,
    });
    expect(await podsOf(cluster)).toHaveLength(2);
    expect(await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 1 }))).toMatchObject({
      code: 409,
      message:
        'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    });
  });
});

describe('StatefulSets', () => {
  it('number their Pods and replace them from the last', async () => {
    await using cluster = await openCluster();
    const spec = { replicas: 2, serviceName: 'db', updateStrategy: { rollingUpdate: { partition: 1 } } };
    await cluster.apply(`${SETS}/statefulsets/db`, workload('StatefulSet', spec));
    expect((await podsOf(cluster)).map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1']);
    await cluster.apply(`${SETS}/statefulsets/db`, { ...deployment('db', spec, 'db:2'), kind: 'StatefulSet' });
    const images = (await podsOf(cluster)).map((pod) => objectsAt(pod, 'spec', 'containers')[0]?.image);
    expect(images).toEqual(['web:1.0', 'db:2']);
  });
});

describe('DaemonSets', () => {
  it('run on every node that fits', async () => {
    await using cluster = await openCluster({ nodes: 3 });
    await cluster.call('PATCH', '/api/v1/nodes/node-2', {
      body: { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } },
      contentType: MERGE,
    });
    await cluster.apply(`${SETS}/daemonsets/db`, workload('DaemonSet'));
    expect((await podsOf(cluster)).map((pod) => stringAt(pod, 'spec', 'nodeName')).sort()).toEqual([
      'node-0',
      'node-1',
    ]);
    expect(numberAt((await cluster.call('GET', `${SETS}/daemonsets/db`)).body, 'status', 'numberAvailable')).toBe(2);
  });
});

describe('Jobs', () => {
  const job = (command: string): JsonObject => {
    const spec = {
      restartPolicy: 'Never',
      containers: [{ name: 'run', image: 'run:1', command: ['sh', '-c', command] }],
    };
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'run' },
      spec: { backoffLimit: 1, template: { spec } },
    };
  };

  it.each([
    ['exit 0', 'Complete', 1],
    ['exit 3', 'Failed', 2],
  ])('that %s are %s', async (command, outcome, pods) => {
    await using cluster = await openCluster();
    await cluster.apply('/apis/batch/v1/namespaces/default/jobs/run', job(command));
    expect(await podsOf(cluster)).toHaveLength(pods);
    const { body } = await cluster.call('GET', '/apis/batch/v1/namespaces/default/jobs/run');
    expect(reasonOf(body, outcome)).toMatch(/^True/);
  });
});

describe('Services', () => {
  it('have an address and point at ready Pods, under their own labels', async () => {
    await using cluster = await openCluster();
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels: { team: 'shop' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    expect((await cluster.apply(`${DEFAULT}/services/web`, service)).spec).toMatchObject({
      clusterIP: expect.stringMatching(/^10\.96\./) as string,
    });
    await cluster.apply(`${DEPLOYMENTS}/web`, deployment('web', { replicas: 2 }));
    await cluster.api.settled();
    const { body } = await cluster.call(
      'GET',
      `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=team%3Dshop`,
    );
    const [slice] = body.items as KubeObject[];
    expect(objectsAt(slice, 'endpoints').map((endpoint) => endpoint.conditions)).toEqual([
      { ready: true, serving: true, terminating: false },
      { ready: true, serving: true, terminating: false },
    ]);
    expect(slice?.metadata.labels).toMatchObject({ team: 'shop', 'kubernetes.io/service-name': 'web' });
    await cluster.call('DELETE', `${DEFAULT}/services/web`);
    await cluster.api.settled();
    expect((await cluster.call('GET', `${DEFAULT}/endpoints/web`)).status).toBe(404);
  });
});
