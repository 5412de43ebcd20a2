import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/index.js';
import type { FleetFile } from './read-documents.js';
import { parseFleet } from './parse-fleet.js';

function problems(...contents: readonly string[]): readonly Problem[] {
  return parseFleet(contents.map((content, index): FleetFile => ({ path: `fleet/${index}.yaml`, content }))).problems;
}

function printed(list: readonly Problem[]): string[] {
  return list.map(({ place, code, field }) => `${place.line}:${place.column} ${code} ${field}`);
}

const app = (spec: string): string => `kind: App\nmetadata: {name: web}\nspec:\n  targets: [{all: true}]\n  ${spec}\n`;
const strategy = (spec: string): string => `kind: RolloutStrategy\nmetadata: {name: rings}\nspec:\n  ${spec}\n`;

describe('problems of apps', () => {
  it.each([
    ['namspace: web', '5:3 unknownField spec.namspace', 'Did you mean "namespace"?'],
    ['maxConcurrent: 2', '5:3 unknownField spec.maxConcurrent', 'Known here: '],
    ['namespace: 010', '5:14 wrongType spec.namespace', 'Write it in quotes: "010".'],
    ['namespace: Web', '5:14 invalidValue spec.namespace', ''],
    ['namespace:', '5:13 wrongType spec.namespace', ''],
    ['mode: Observe', '5:9 invalidValue spec.mode', 'Did you mean "observe"?'],
    ['allowEmpty: "true"', '5:15 wrongType spec.allowEmpty', 'Remove the quotes.'],
    ['except: [{selector: ""}]', '5:23 emptySelector spec.except[0].selector', 'all: true'],
    ['except: [{selector: {}}]', '5:23 emptySelector spec.except[0].selector', 'all: true'],
    ['except: [{clusters: []}]', '5:23 emptySelector spec.except[0].clusters', 'all: true'],
    ['except: [{}]', '5:12 emptySelector spec.except[0]', 'all: true'],
    ['except: [{all: false}]', '5:18 wrongType spec.except[0].all', ''],
    ['except: [{all: true, clusters: [a]}]', '5:12 invalidValue spec.except[0]', ''],
    ['except: {selector: "env in prod"}', '5:22 invalidValue spec.except.selector', ''],
    ['strategy: prod', '5:13 unknownReference spec.strategy', 'Define it'],
    ['dependsOn: [web]', '5:15 cyclicDependency spec.dependsOn[0]', ''],
    ['dependsOn: [wbe]', '5:15 unknownReference spec.dependsOn[0]', 'Did you mean "web"?'],
    ['dependsOn: web', '5:14 wrongType spec.dependsOn', 'Write it as a list: [...].'],
    ['source: {name: apps, path: x}', '5:18 unknownReference spec.source.name', ''],
    ['source: {path: ../x}', '5:18 invalidValue spec.source.path', ''],
    ['source: {path: "a/${cluster.nmae}"}', '5:18 invalidValue spec.source.path', ''],
    ['strategy: "${cluster.name}"', '5:13 invalidValue spec.strategy', ''],
    ['chart: {repo: oci://x, name: web, version: "1"}', '5:10 notSupported spec.chart', ''],
    ['chart: {repo: oci://x, nmae: web, version: "1"}', '5:26 unknownField spec.chart.nmae', 'Did you mean "name"?'],
    ['decrypt: {sops: {}}', '5:12 notSupported spec.decrypt', ''],
    ['project: shop', '5:12 notAllowedHere spec.project', ''],
    ['formerly: [web]', '5:13 invalidValue spec.formerly', ''],
    ['budget: {maxDeletes: {percent: 101}}', '5:34 invalidValue spec.budget.maxDeletes.percent', ''],
    [
      'health: {checks: [{apiVersion: v1, kind: X, current: "a ="}]}',
      '5:56 invalidValue spec.health.checks[0].current',
      '',
    ],
    ['drift: {ignore: [{kind: X}]}', '5:20 invalidValue spec.drift.ignore[0]', ''],
    ['drift: {ignore: [{jsonPointers: [spec]}]}', '5:36 invalidValue spec.drift.ignore[0].jsonPointers[0]', '/spec'],
    ['overrides: [{name: a, path: x}]', '5:15 emptySelector spec.overrides[0]', 'all: true'],
    [
      'overrides: [{name: a, all: true, patches: [{target: {kind: X}, patch: [{op: add, path: /a}]}]}]',
      '5:74 missingField spec.overrides[0].patches[0].patch[0]',
      'value',
    ],
    ['substitute: {a-b: x}', '5:16 invalidValue spec.substitute.a-b', ''],
    ['values: {a: "${cluster.foo}"}', '5:15 invalidValue spec.values.a', 'cluster.labels'],
    ['values: {a: 1, a: 2}', '5:18 duplicateKey ', ''],
  ])('%s', (spec, problem, hint) => {
    const found = problems(app(spec));
    expect(printed(found)).toContain(problem);
    expect(found[0]).toMatchObject({ subject: { kind: 'App', name: 'web' }, place: { file: 'fleet/0.yaml' } });
    expect(found.map((item) => item.hint).join()).toContain(hint);
    for (const item of found) expect(item.hint).not.toBe('');
  });

  it('needs targets', () => {
    const none = problems('kind: App\nmetadata: {name: web}\nspec: {}');
    expect(printed(none)).toEqual(['3:7 missingField spec.targets']);
    expect(printed(problems('kind: App\nmetadata: {name: web}\nspec: {targets: []}'))).toEqual([
      '3:17 emptySelector spec.targets',
    ]);
    const astray = problems('kind: App\nmetadata: {name: web}\ntargets: [{all: true}]');
    expect(astray.map((item) => item.hint)).toContain('Did you mean "spec.targets"?');
  });

  it('finds rings of dependencies and says how they run', () => {
    const link = (name: string, to: string): string =>
      `kind: App\nmetadata: {name: ${name}}\nspec: {targets: [{all: true}], dependsOn: [${to}]}\n`;
    const found = problems(link('a', 'b'), link('b', 'c'), link('c', 'a'), link('d', 'a'));
    expect(found.map(({ subject, code }) => `${subject.name} ${code}`)).toEqual([
      'a cyclicDependency',
      'b cyclicDependency',
      'c cyclicDependency',
    ]);
    expect(found[0]?.message).toBe('"a" waits for itself: a → b → c → a');
  });
});

describe('problems of strategies', () => {
  it.each([
    ['waves: []', '4:10 invalidValue spec.waves'],
    ['deadline: 5m', '4:3 missingField spec.waves'],
    ['waves: [{name: a, selector: x}, {name: a}]', '4:10 invalidValue spec.waves[1]'],
    ['waves: [{name: a}, {name: b}]', '4:10 invalidValue spec.waves[0]'],
    ['waves: [{name: a, soak: -1}]', '4:27 invalidValue spec.waves[0].soak'],
    ['waves: [{name: a, soak: -5m}]', '4:27 invalidValue spec.waves[0].soak'],
    ['waves: [{name: a, soak: 30}]', '4:27 wrongType spec.waves[0].soak'],
    ['waves: [{name: a, soak: 30min}]', '4:27 invalidValue spec.waves[0].soak'],
    ['waves: [{name: a, soak: ""}]', '4:27 invalidValue spec.waves[0].soak'],
    ['waves: [{name: a, soak: 900d}]', '4:27 invalidValue spec.waves[0].soak'],
    ['waves: [{name: a, maxConcurrent: 101%}]', '4:36 invalidValue spec.waves[0].maxConcurrent'],
    ['waves: [{name: a, maxConcurrent: 0}]', '4:36 invalidValue spec.waves[0].maxConcurrent'],
    ['waves: [{name: a, maxConcurrent: "25"}]', '4:36 invalidValue spec.waves[0].maxConcurrent'],
    ['waves: [{name: a, maxConcurrent: 2.5}]', '4:36 invalidValue spec.waves[0].maxConcurrent'],
    ['waves: [{name: a, maxFailures: -1%}]', '4:34 invalidValue spec.waves[0].maxFailures'],
    ['waves: [{name: a, windows: [night]}]', '4:31 unknownReference spec.waves[0].windows[0]'],
    ['waves: [{name: a, group: edge}]', '4:28 unknownReference spec.waves[0].group'],
    ['waves: [{name: a, selector: ""}]', '4:31 emptySelector spec.waves[0].selector'],
    ['waves: [{name: a, approval: YES}]', '4:31 wrongType spec.waves[0].approval'],
    ['{waves: [{name: a}], minHealthy: 0%}', '4:36 invalidValue spec.minHealthy'],
    ['{waves: [{name: a}], onFailure: {do: stop}}', '4:40 invalidValue spec.onFailure.do'],
  ])('%s', (spec, problem) => expect(printed(problems(strategy(spec)))).toEqual([problem]));
});

describe('problems of the other kinds', () => {
  const head = (kind: string): string => `kind: ${kind}\nmetadata: {name: x}\nspec: `;
  it.each([
    [
      'ClusterGroup',
      '{selector: {matchExpressions: [{key: a, operator: In}]}}',
      '3:18 invalidValue spec.selector.matchExpressions[0]',
    ],
    ['ClusterGroup', '{selector: 5}', '3:18 wrongType spec.selector'],
    ['ClusterGroup', '{}', '3:7 missingField spec.selector'],
    ['Source', '{url: "https://me:secret@git.example/apps"}', '3:13 invalidValue spec.url'],
    ['Source', '{url: "ext::sh"}', '3:13 invalidValue spec.url'],
    ['Source', '{url: "https://git.example/a", ref: {branch: a, tag: b}}', '3:43 invalidValue spec.ref'],
    ['Source', '{url: "https://git.example/a", ref: {branch: --upload-pack}}', '3:52 invalidValue spec.ref.branch'],
    ['Source', '{url: "https://git.example/a", interval: 1ms}', '3:48 invalidValue spec.interval'],
    ['Window', '{}', '3:7 missingField spec'],
    ['Window', '{allow: [{cron: "0 25 * * *", duration: 1h}]}', '3:23 invalidValue spec.allow[0].cron'],
    ['Window', '{allow: [{cron: "* * * * * *", duration: 1h}]}', '3:23 invalidValue spec.allow[0].cron'],
    [
      'Window',
      '{allow: [{cron: "0 9 * * *", duration: 1h, timeZone: Berlin}]}',
      '3:60 invalidValue spec.allow[0].timeZone',
    ],
    ['Project', '{}', '3:7 missingField spec.paths'],
    ['Project', '{paths: [/x]}', '3:16 invalidValue spec.paths[0]'],
  ])('%s %s', (kind, spec, problem) => expect(printed(problems(head(kind) + spec))).toEqual([problem]));

  it('never prints credentials of a URL', () => {
    const found = problems(`${head('Source')}{url: "https://me:s3cret@git.example/apps"}`);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  it('takes labels as text only, and none under facts/', () => {
    const cluster = (labels: string): string => `kind: Cluster\nmetadata: {name: eu-1, labels: {${labels}}}`;
    expect(problems(cluster('ring: 0'))[0]).toMatchObject({ code: 'wrongType', hint: 'Write it in quotes: "0".' });
    expect(problems(cluster('ring: "0"'))).toEqual([]);
    expect(problems(cluster('facts/x: a'))[0]).toMatchObject({ code: 'invalidValue' });
    expect(problems(cluster('-x: a'))[0]).toMatchObject({ code: 'invalidValue', field: 'metadata.labels.-x' });
  });
});

describe('problems of files', () => {
  it.each([
    ['a: [', '1:5 yamlSyntax '],
    ['kind: Ap\nmetadata: {name: a}', '1:7 unknownKind kind'],
    ['metadata: {name: a}', '1:1 unknownKind kind'],
    ['- kind: App', '1:1 unknownKind kind'],
    ['just text', '1:1 unknownKind kind'],
    ['kind: App\nmetadata: {}', '2:11 missingField metadata.name'],
    ['kind: App\nmetadata: {name: 5}', '2:18 missingField metadata.name'],
    ['kind: App\nkind: Cluster\nmetadata: {name: a}', '2:1 duplicateKey '],
  ])('%j', (content, problem) => {
    const found = problems(content);
    expect(printed(found)).toEqual([problem]);
    expect(found[0]?.subject).toEqual({ kind: 'File', name: 'fleet/0.yaml' });
  });

  it('keeps limits', () => {
    const limits = { maxFiles: 2, maxFileSize: 60, maxDocumentsPerFile: 1 };
    const file = (path: string, content: string): FleetFile => ({ path, content });
    const codes = (...files: FleetFile[]): string[] =>
      parseFleet(files, limits).problems.map((item) => `${item.subject.kind} ${item.code}`);
    expect(codes(file('fleet/a.yaml', 'x'.repeat(61)))).toEqual(['File limitExceeded']);
    expect(codes(file('fleet/a.yaml', 'a: 1\n---\nb: 2'))).toEqual(['File limitExceeded']);
    expect(codes(...['a', 'b', 'c'].map((name) => file(`fleet/${name}.yaml`, '')))).toEqual(['Fleet limitExceeded']);
  });

  it('tells all problems of a revision at once, in the order of files and lines', () => {
    const found = problems(`${app('mode: x\n  onDelete: y')}---\n${strategy('waves: []')}`, 'a: [');
    expect(found.map(({ place }) => `${place.file}:${place.line}`)).toEqual([
      'fleet/0.yaml:5',
      'fleet/0.yaml:6',
      'fleet/0.yaml:11',
      'fleet/1.yaml:1',
    ]);
  });

  it('names the other place of a name that is there twice', () => {
    const [found] = problems(app('mode: manage'), app('mode: observe'));
    expect(found).toMatchObject({ code: 'duplicateName', place: { file: 'fleet/1.yaml' } });
    expect(found?.message).toContain('fleet/0.yaml:1');
  });
});

describe('projects', () => {
  const project = (name: string, path: string, more = ''): string =>
    `kind: Project\nmetadata: {name: ${name}}\nspec: {paths: [${path}]${more}}\n`;
  const file = (path: string, content: string): FleetFile => ({ path, content });

  it('own the apps in their paths and give them defaults', () => {
    const defaults = ', defaults: {targets: [{all: true}], strategy: rings, serviceAccount: shop}';
    const parsed = parseFleet([
      file('fleet/p.yaml', `${project('shop', 'teams/shop/**', defaults)}---\n${strategy('waves: [{name: all}]')}`),
      file('teams/shop/web/flotilla.yaml', 'kind: App\nmetadata: {name: web}\nspec: {project: shop}'),
    ]);
    expect(parsed.problems).toEqual([]);
    expect(parsed.definitions.apps['web']).toMatchObject({
      project: 'shop',
      strategy: 'rings',
      serviceAccount: 'shop',
      targets: [{ by: 'all' }],
      path: 'teams/shop/web',
    });
  });

  it('hold no definitions of the platform', () => {
    const { problems: found, definitions } = parseFleet([
      file(
        'fleet/p.yaml',
        `${project('shop', 'teams/shop/**')}---\nkind: Cluster\nmetadata: {name: eu-1, labels: {env: prod}}`,
      ),
      file('teams/shop/flotilla.yaml', 'kind: Cluster\nmetadata: {name: eu-1, labels: {env: lab}}'),
    ]);
    expect(found).toMatchObject([
      { code: 'notAllowedHere', subject: { kind: 'File', name: 'teams/shop/flotilla.yaml' } },
    ]);
    expect(definitions.clusters['eu-1']?.labels).toEqual({ env: 'prod' });
  });

  it('cannot be defined by a tenant, who might claim the files of others', () => {
    const { problems: found } = parseFleet([
      file('fleet/p.yaml', project('shop', 'teams/shop/**')),
      file('teams/shop/flotilla.yaml', project('mine', '**')),
    ]);
    expect(found.map(({ code, subject }) => `${code} ${subject.kind} ${subject.name}`)).toContain(
      'notAllowedHere Project mine',
    );
  });

  it('share no file', () => {
    const { problems: found } = parseFleet([
      file('fleet/p.yaml', `${project('a', 'teams/**')}---\n${project('b', 'teams/b/*')}`),
      file('teams/b/flotilla.yaml', app('mode: manage')),
    ]);
    expect(found).toMatchObject([{ code: 'invalidValue', subject: { kind: 'Project', name: 'b' } }]);
  });
});
