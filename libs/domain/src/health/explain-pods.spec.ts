import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, KubeObject } from '../json/index.js';
import type { WorkloadPods } from './explain-pods.js';
import { explainPods, uidOf } from './explain-pods.js';

function pod(name: string, status: JsonObject): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: name }, status };
}

const container = (reason: string, more: JsonObject = {}): Json => [
  { name: 'web', restartCount: 0, state: { waiting: { reason, message: `why ${reason}` } }, ...more },
];
const stuck = (reason: string, more: JsonObject = {}): KubeObject =>
  pod('a', { phase: 'Pending', containerStatuses: container(reason, more) });
const serving = pod('b', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
const running = pod('c', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] });

function explain(pods: readonly KubeObject[], more: Partial<WorkloadPods> & { readonly forMs?: number } = {}): unknown {
  const { forMs = 0, ...rest } = more;
  const stuckForMs = new Map(pods.map((each) => [uidOf(each), forMs]));
  return explainPods({ pods, wanted: 2, old: 0, oldReady: 0, warning: undefined, stuckForMs, ...rest });
}

const reason = (code: string, isFinal: boolean): unknown => expect.objectContaining({ code, isFinal }) as unknown;

describe('explainPods', () => {
  it('has nothing to say of Pods that serve or just start', () => {
    expect(explain([serving, pod('d', { phase: 'Pending', containerStatuses: container('ContainerCreating') })])).toBe(
      undefined,
    );
  });

  it.each(['ErrImagePull', 'ImagePullBackOff', 'CreateContainerConfigError', 'InvalidImageName'])(
    'fails fast after 60 s in %s, and not before',
    (code) => {
      expect(explain([stuck(code)], { forMs: 59_999 })).toEqual(reason(code, false));
      expect(explain([stuck(code)], { forMs: 60_000 })).toEqual(reason(code, true));
    },
  );

  it('fails fast at the third restart of a crash loop', () => {
    expect(explain([stuck('CrashLoopBackOff', { restartCount: 2 })], { forMs: 600_000 })).toEqual(
      reason('CrashLoopBackOff', false),
    );
    expect(explain([stuck('CrashLoopBackOff', { restartCount: 3 })])).toEqual(reason('CrashLoopBackOff', true));
  });

  it('looks at init containers as well', () => {
    const init = pod('a', {
      phase: 'Pending',
      initContainerStatuses: container('CrashLoopBackOff', { restartCount: 3 }),
    });
    expect(explain([init])).toEqual(reason('CrashLoopBackOff', true));
  });

  it('names the Pod that has failed for good before one that may still come', () => {
    const coming = pod('z', { phase: 'Pending', containerStatuses: container('ErrImagePull') });
    expect(explain([coming, stuck('CrashLoopBackOff', { restartCount: 5 })])).toEqual(reason('CrashLoopBackOff', true));
  });

  it('says that no node takes it', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }];
    expect(explain([pod('a', { phase: 'Pending', conditions })])).toEqual({
      code: 'Unschedulable',
      message: '0/3 nodes',
      summary: '1 of 2 new pods stuck',
      isFinal: false,
    });
  });

  it.each([
    ['Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "conf": configmap "conf" not found'],
  ])('tells by the last Warning event what no container says: %s', (code, message) => {
    expect(explain([running, serving], { warning: { code, message } })).toEqual({
      code,
      message,
      summary: '1 of 2 new pods stuck',
      isFinal: false,
    });
  });

  it('tells by the event of the workload why there are no Pods', () => {
    const warning = { code: 'FailedCreate', message: 'exceeded quota: compute' };
    expect(explain([], { warning })).toEqual({
      ...warning,
      summary: 'none of 2 pods made',
      isFinal: false,
    });
  });

  it('counts old Pods that still serve, and clips what is long', () => {
    const warning = { code: 'Unhealthy', message: 'x'.repeat(500) };
    const told = explain([running], { warning, old: 3, oldReady: 2 }) as { summary: string; message: string };
    expect(told.summary).toBe('1 of 2 new pods stuck, 2 of 3 old pods serving');
    expect(told.message).toHaveLength(401);
  });
});
