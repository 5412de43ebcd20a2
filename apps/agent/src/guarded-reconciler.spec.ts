import type { AppReport, KubeObject, Policy } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { GuardedReconciler } from './guarded-reconciler.js';
import type { LocalRules } from './local-rules.js';
import { matchLocalRules } from './local-rules.js';
import type { Desired, DesiredApp, ReconcilerEvents } from './reconcile/reconciler.port.js';
import { InstantReconciler } from './simulate/instant-reconciler.js';
import { systemClock } from './system-clock.js';

const rules: LocalRules = {
  impersonateOnly: true,
  forbidKinds: ['Role.rbac.authorization.k8s.io', 'Secret'],
  forbidNamespaces: ['kube-system'],
};

const object = (apiVersion: string, kind: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', ...(namespace === undefined ? {} : { namespace }) },
});

function appOf(
  objects: readonly KubeObject[],
  policy: Partial<Policy> = {},
  more: Partial<DesiredApp['entry']> = {},
): DesiredApp {
  const entry = {
    app: 'web',
    bundle: String(objects.length),
    policy: 'p',
    life: 'active',
    mode: 'manage',
    pendingBundle: undefined,
    approvedDeletions: [],
    suspendedUntil: 0,
    retry: 0,
    since: { generation: 1, number: objects.length },
    ...more,
  } as const;
  return {
    entry,
    objects,
    policy: { namespace: 'web', serviceAccount: 'deployer', ...policy } as Policy,
    pendingRefs: [],
  };
}

describe('matchLocalRules', () => {
  it.each([
    ['a kind', appOf([object('v1', 'Secret')]), 'forbids the kind Secret'],
    ['a kind of a group', appOf([object('rbac.authorization.k8s.io/v1', 'Role')]), 'forbids the kind Role'],
    ['a namespace', appOf([object('v1', 'ConfigMap', 'kube-system')]), 'the namespace kube-system'],
    [
      'the namespace of the app',
      appOf([object('v1', 'ConfigMap')], { namespace: 'kube-system' }),
      'the namespace kube-system',
    ],
    ['the agent’s own account', appOf([], { serviceAccount: '' }), 'only apps with a service account'],
  ])('forbids %s', (_what, app, message) => {
    expect(
      matchLocalRules(app, rules)
        .map((problem) => problem.message)
        .join(),
    ).toContain(message);
  });

  it('forbids neither what no rule names, nor a removal', () => {
    expect(matchLocalRules(appOf([object('v1', 'ConfigMap'), object('apps/v1', 'Role')]), rules)).toEqual([]);
    expect(matchLocalRules(appOf([object('v1', 'Secret')], {}, { life: 'prune' }), rules)).toEqual([]);
  });
});

describe('GuardedReconciler', () => {
  function guarded(): { reports: AppReport[]; handed: Desired[]; set: (app: DesiredApp) => void } {
    const reports: AppReport[] = [];
    const handed: Desired[] = [];
    const events: ReconcilerEvents = {
      report: (report) => reports.push(report),
      removed: () => undefined,
      event: () => undefined,
    };
    const reconciler = new GuardedReconciler(rules, events, (inner) => {
      const instant = new InstantReconciler(inner, systemClock);
      const setDesired = instant.setDesired.bind(instant);
      instant.setDesired = (desired) => {
        handed.push(desired);
        setDesired(desired);
      };
      return instant;
    });
    return { reports, handed, set: (app) => reconciler.setDesired({ version: app.entry.since, apps: [app] }) };
  }

  it('applies nothing of a forbidden app and says why', () => {
    const { reports, handed, set } = guarded();
    set(appOf([object('v1', 'Secret')]));
    expect(handed.flatMap(({ apps }) => apps)).toEqual([]);
    expect(reports).toMatchObject([
      { app: 'web', phase: 'blocked', failedFast: true, problems: [{ code: 'forbiddenHere' }] },
    ]);
  });

  it('keeps an app as it was last allowed', () => {
    const { reports, handed, set } = guarded();
    const good = appOf([object('v1', 'ConfigMap')]);
    set(good);
    set(appOf([object('v1', 'ConfigMap'), object('v1', 'Secret')]));
    expect(handed.map(({ apps }) => apps)).toEqual([[good], [good]]);
    expect(reports.map(({ phase }) => phase)).toEqual(['applied', 'blocked']);
    expect(reports.at(-1)).toMatchObject({ appliedBundle: good.entry.bundle, evaluated: { number: 2 } });
    set(good);
    expect(handed).toHaveLength(3);
  });
});
