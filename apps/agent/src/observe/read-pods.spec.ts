import type { KubeObject } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import { describe, expect, it } from 'vitest';
import { readPods } from './read-pods.js';

function pod(name: string, createdAt: string, ready: boolean): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, namespace: 'shop', creationTimestamp: createdAt },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

/** Answers every list with the same Pods and remembers what was asked. */
function clientWith(items: readonly KubeObject[]): { readonly client: KubeClient; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const client = {
    discovery: { find: (_apiVersion: string, kind: string) => ({ kind }) },
    list: (_type: unknown, _namespace: string, options: { labelSelector: string }) => {
      asked.push(options.labelSelector);
      return Promise.resolve({ items });
    },
  };
  return { client: client as unknown as KubeClient, asked };
}

function workload(kind: string, parts: Partial<KubeObject> & { readonly spec: KubeObject['spec'] }): KubeObject {
  const { metadata, ...rest } = parts;
  return {
    apiVersion: 'apps/v1',
    kind,
    ...rest,
    metadata: { name: 'web', namespace: 'shop', generation: 7, ...metadata },
  };
}

describe('readPods', () => {
  it('keeps the newest five, those that do not serve first', async () => {
    const old = Array.from({ length: 7 }, (_, index) => pod(`a${index}`, `2026-01-01T00:00:0${index}Z`, true));
    const { client } = clientWith([...old, pod('z', '2025-01-01T00:00:00Z', false)]);
    const { pods } = await readPods(
      client,
      workload('ReplicaSet', { spec: { selector: { matchLabels: { app: 'web' } } } }),
    );
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['z', 'a6', 'a5', 'a4', 'a3']);
  });

  it('asks for Pods of the newest template of a daemon set, which is not its generation', async () => {
    const { client, asked } = clientWith([]);
    const annotations = { 'deprecated.daemonset.template.generation': '3' };
    const set = workload('DaemonSet', {
      metadata: { name: 'web', annotations },
      spec: { selector: { matchLabels: { app: 'web' } } },
    });
    await readPods(client, set);
    expect(asked).toEqual(['app=web,pod-template-generation=3']);
  });

  it('understands selectors of expressions', async () => {
    const { client, asked } = clientWith([]);
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['web', 'api'] },
      { key: 'env', operator: 'NotIn', values: ['test'] },
      { key: 'app', operator: 'Exists' },
      { key: 'old', operator: 'DoesNotExist' },
    ];
    await readPods(client, workload('ReplicaSet', { spec: { selector: { matchExpressions } } }));
    expect(asked).toEqual(['tier in (web,api),env notin (test),app,!old']);
  });
});
