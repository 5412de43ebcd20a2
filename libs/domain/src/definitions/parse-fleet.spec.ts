import { describe, expect, it } from 'vitest';
import type { ParsedFleet } from './parse-fleet.js';
import { isDefinitionFile, parseFleet } from './parse-fleet.js';

function parse(content: string, path = 'fleet/all.yaml'): ParsedFleet {
  return parseFleet([{ path, content }]);
}

/** `line:column code field` of each problem. */
function found(parsed: ParsedFleet): string[] {
  return parsed.problems.map(({ place, code, field }) => `${place.line}:${place.column} ${code} ${field}`);
}

const FULL_APP = `
kind: App
metadata: {name: web}
spec:
  source: {name: apps, path: web/}
  namespace: web
  values: {replicas: 2, octal: 010, "on": YES}
  valuesFiles: [values.yaml, {path: "values/\${cluster.labels.region}.yaml", optional: true}]
  targets: [{selector: "env=prod,region in (us,eu)"}, {group: edge}, {clusters: [lab-1]}, {all: true}]
  except: {selector: env=lab}
  overrides:
    - {name: eu, selector: region=eu, values: {a: null}, path: overlays/eu, patches: [{target: {kind: Deployment}, patch: {spec: {replicas: 3}}}], substitute: {TIER: gold}}
  substitute: {DOMAIN: "\${cluster.labels.region}.shop.example"}
  strategy: prod-rings
  dependsOn: [cert-manager]
  serviceAccount: web-deployer
  apply: {conflict: fail, adopt: {when: ifEqual, from: [helm]}}
  drift: {policy: correct, ignore: [{kind: Deployment, jsonPointers: [/spec/replicas], fieldManagers: [keda]}], extraFields: remove}
  health: {checks: [{apiVersion: x.io/v1, kind: Thing, current: "status.ok == true", failed: "status.bad == true"}], failFast: true}
  budget: {maxDeletes: {objects: 5}, confirm: [Namespace]}
  formerly: [old-name]
---
kind: App
metadata: {name: cert-manager}
spec: {targets: [{all: true}]}
---
kind: RolloutStrategy
metadata: {name: prod-rings}
spec:
  waves:
    - {name: canary, selector: ring=0, soak: 30m}
    - {name: early, selector: ring=1, approval: required, soak: 1h30m, maxConcurrent: 25%, windows: [business-hours]}
    - {name: rest, maxConcurrent: 20%, maxFailures: 2}
---
kind: Cluster
metadata: {name: eu-1, labels: {env: prod, region: eu, ring: "0"}}
spec: {values: {domain: eu.shop.example}}
---
kind: ClusterGroup
metadata: {name: edge}
spec: {selector: {matchLabels: {tier: edge}, matchExpressions: [{key: gpu, operator: Exists}]}}
---
kind: Source
metadata: {name: apps}
spec: {url: https://git.example/apps, ref: {tag: v1}, credentials: apps-token, interval: 1m}
---
kind: Window
metadata: {name: business-hours}
spec: {allow: [{cron: "0 9 * * 1-5", duration: 8h, timeZone: Europe/Berlin}], apps: [web]}
---
kind: Project
metadata: {name: shop}
spec:
  paths: [teams/shop/**]
  sources: [shop-*]
  clusters: {selector: tenant-shop=true}
  namespaces: [shop-*]
  serviceAccounts: [flotilla-shop]
  defaults: {targets: [{all: true}], strategy: prod-rings, serviceAccount: flotilla-shop}
  roles: [{role: operator, group: team-shop}]
`;

describe('parseFleet', () => {
  it('reads every kind', () => {
    const parsed = parse(FULL_APP);
    expect(found(parsed)).toEqual(['60:10 notSupported spec.roles']);
    const { apps, strategies, clusters, groups, sources, windows, projects } = parsed.definitions;
    expect(apps['web']).toMatchObject({
      source: 'apps',
      path: 'web',
      values: { replicas: 2, octal: 8, on: true },
      targets: [
        { by: 'selector', selector: { text: 'env=prod,region in (eu,us)' } },
        { by: 'group' },
        { by: 'clusters' },
        { by: 'all' },
      ],
      except: [{ by: 'selector' }],
      overrides: [{ name: 'eu', choice: { by: 'selector' }, patches: [{ type: 'merge' }], values: { a: null } }],
      budget: { maxDeletes: { objects: 5, percent: 20 }, confirm: ['Namespace'] },
      project: 'default',
      place: { file: 'fleet/all.yaml', line: 2, column: 1 },
    });
    expect(strategies['prod-rings']).toMatchObject({
      waves: [
        { name: 'canary', soakMs: 1_800_000, maxConcurrent: { percent: 25 }, maxFailures: { count: 0 } },
        { name: 'early', soakMs: 5_400_000, approval: 'required', windows: ['business-hours'] },
        { name: 'rest', maxFailures: { count: 2 } },
      ],
      deadlineMs: 900_000,
      onFailure: { do: 'halt', scope: 'wave' },
    });
    expect(strategies['prod-rings']?.waves[2]).not.toHaveProperty('choice');
    expect(clusters['eu-1']).toMatchObject({ labels: { ring: '0' }, values: { domain: 'eu.shop.example' } });
    expect(groups['edge']?.selector.text).toBe('gpu,tier=edge');
    expect(sources['apps']).toMatchObject({ ref: { tag: 'v1' }, intervalMs: 60_000, strict: false });
    expect(windows['business-hours']).toMatchObject({ allow: [{ durationMs: 28_800_000, timeZone: 'Europe/Berlin' }] });
    expect(projects['shop']?.defaults.serviceAccount).toBe('flotilla-shop');
    expect(JSON.parse(JSON.stringify(parsed.definitions))).toEqual(parsed.definitions);
  });

  it('fills in the defaults of the smallest app', () => {
    const { definitions } = parse(
      'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}]}',
      'apps/web/flotilla.yaml',
    );
    expect(definitions.apps['web']).toEqual({
      kind: 'App',
      name: 'web',
      labels: {},
      place: { file: 'apps/web/flotilla.yaml', line: 1, column: 1 },
      project: 'default',
      path: 'apps/web',
      valuesFiles: [],
      values: {},
      namespace: 'web',
      createNamespace: true,
      targets: [{ by: 'all' }],
      except: [],
      overrides: [],
      substitute: {},
      dependsOn: [],
      serviceAccount: '',
      mode: 'manage',
      apply: {
        conflict: 'fail',
        adopt: {
          when: 'ifEqual',
          from: ['argocd-controller', 'kustomize-controller', 'helm', 'kubectl-client-side-apply'],
        },
      },
      drift: { policy: 'correct', ignore: [], extraFields: 'remove' },
      health: { checks: [], failFast: true },
      budget: {
        maxDeletes: { objects: 10, percent: 20 },
        confirm: ['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim'],
      },
      onDelete: 'ask',
      formerly: [],
      allowEmpty: false,
    });
  });

  it('reads flotilla.yaml at any depth and yaml files under fleet only', () => {
    const paths = ['flotilla.yaml', 'a/b/flotilla.yaml', 'fleet/x.yaml', 'fleet/a/b.yaml'];
    expect(paths.filter(isDefinitionFile)).toEqual(paths);
    expect(['web/app.yaml', 'flotilla.yml', 'a/fleet/x.yaml', 'myflotilla.yaml'].filter(isDefinitionFile)).toEqual([]);
  });
});
