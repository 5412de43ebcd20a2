import { describe, expect, it } from 'vitest';
import type { AppDefinition } from '../definitions/index.js';
import { parseFleet } from '../definitions/index.js';
import type { ResolveResult } from './resolve-app.js';
import { mergeValues, resolveApp } from './resolve-app.js';

function app(spec: string): AppDefinition {
  const content = `kind: App\nmetadata: {name: web}\nspec:\n  targets: [{all: true}]\n${spec}`;
  const parsed = parseFleet([{ path: 'apps/web/flotilla.yaml', content }]);
  expect(parsed.problems).toEqual([]);
  const [found] = Object.values(parsed.definitions.apps);
  if (found === undefined) throw new Error('no app');
  return found;
}

const eu = { id: 1, name: 'eu-1', labels: { region: 'eu', env: 'prod' }, values: { replicas: 3, folder: '../x' } };

function resolve(spec: string): ResolveResult {
  return resolveApp(app(spec), eu, {});
}

describe('resolveApp', () => {
  it('applies every matching override in order', () => {
    const { resolved, problems } = resolve(`
  values: {replicas: 1, image: {name: web, tag: "1"}, list: [1, 2]}
  substitute: {TIER: silver, DOMAIN: "\${cluster.labels.region}.shop"}
  overrides:
    - {name: us, selector: region=us, path: overlays/us, values: {replicas: 9}}
    - {name: eu, selector: region=eu, path: overlays/eu, values: {image: {tag: "2"}, list: [3]}, substitute: {TIER: gold}}
    - {name: one, clusters: [eu-1], values: {replicas: "\${cluster.values.replicas}", image: {name: null}}, patches: [{target: {kind: Deployment}, patch: [{op: add, path: /a, value: "\${cluster.name}"}]}]}
`);
    expect(problems).toEqual([]);
    expect(resolved).toEqual({
      path: 'overlays/eu',
      valuesFiles: [],
      values: { replicas: 3, image: { name: null, tag: '2' }, list: [3] },
      patches: [
        { type: 'json6902', target: { kind: 'Deployment' }, operations: [{ op: 'add', path: '/a', value: 'eu-1' }] },
      ],
      substitute: { TIER: 'gold', DOMAIN: 'eu.shop' },
      namespace: 'web',
      serviceAccount: '',
      overrides: ['eu', 'one'],
    });
  });

  it('fills in paths, namespaces and accounts', () => {
    const { resolved } = resolve(`
  source: {path: "overlays/\${cluster.labels.region}"}
  namespace: "web-\${cluster.name}"
  serviceAccount: "\${cluster.labels.tier:-web}-deployer"
  valuesFiles: ["values/\${cluster.labels.region}.yaml"]
  substitute: {COUNT: "\${cluster.values.replicas}"}
`);
    expect(resolved).toMatchObject({
      path: 'overlays/eu',
      namespace: 'web-eu-1',
      serviceAccount: 'web-deployer',
      valuesFiles: [{ path: 'values/eu.yaml', optional: false }],
      substitute: { COUNT: '3' },
    });
  });

  it.each([
    ['  substitute: {A: "${cluster.labels.tier}"}', 'substituteMissing spec.substitute.A'],
    ['  values: {a: ["${cluster.values.nope}"]}', 'substituteMissing spec.values.a[0]'],
    ['  source: {path: "${cluster.values.folder}"}', 'invalidValue spec.source.path'],
    ['  namespace: "Web-${cluster.name}"', 'invalidValue spec.namespace'],
    [
      '  substitute: {A: "${cluster.values}"}'.replace('values}', 'values.folder.x}'),
      'substituteMissing spec.substitute.A',
    ],
  ])('gives a problem and nothing else for %s', (spec, problem) => {
    const { resolved, problems } = resolve(spec);
    expect(resolved).toBeUndefined();
    expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual([problem]);
    expect(problems[0]).toMatchObject({
      subject: { kind: 'App', name: 'web' },
      place: { file: 'apps/web/flotilla.yaml' },
    });
  });

  it('merges values as Helm does', () => {
    const merged = mergeValues(
      { a: { b: 1, c: 2 }, l: [1, 2], m: { x: 1 } },
      { a: { b: null, d: 3 }, l: [3], m: 'text' },
    );
    expect(merged).toEqual({ a: { b: null, c: 2, d: 3 }, l: [3], m: 'text' });
    expect(Object.keys(mergeValues({}, JSON.parse('{"__proto__": {"x": 1}}') as never))).toEqual(['__proto__']);
  });
});
