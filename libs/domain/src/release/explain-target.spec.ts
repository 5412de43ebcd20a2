import { describe, expect, it } from 'vitest';
import { ContentRenderer, FilesTree } from '../content/index.js';
import { renderFleet } from './render-fleet.js';
import { explainTarget } from './explain-target.js';
import type { Explanation } from './explain-target.js';

const APP = `kind: App
metadata: {name: web}
spec:
  targets: [{all: true}]
  substitute: {TIER: silver, HOST: "\${cluster.name}.example"}
  overrides:
    - name: eu
      selector: region=eu
      patches:
        - {target: {kind: Deployment}, patch: {spec: {replicas: 5}}}
    - name: gold
      selector: tier=gold
      path: web
      substitute: {TIER: gold}
      patches:
        - {target: {kind: Deployment}, patch: {spec: {replicas: 9}}}
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {a.b/tier: "\${TIER}"}}
spec:
  replicas: 2
  template: {spec: {containers: [{name: web, image: web:1}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {password: hunter2}
`;

async function explain(labels: Record<string, string>, field?: string): Promise<Explanation | undefined> {
  const tree = new FilesTree([
    { path: 'web/flotilla.yaml', content: APP },
    { path: 'web/web.yaml', content: DEPLOYMENT },
  ]);
  const renderer = new ContentRenderer(() => Promise.reject(new Error('no kustomize here')));
  const { definitions, problems } = await renderFleet({ tree, renderer });
  const app = definitions.apps['web'];
  if (!app) throw new Error(JSON.stringify(problems));
  const { objects } = await renderer.render(tree, 'web');
  const cluster = { id: 1, name: 'eu-1', labels, values: {} };
  return explainTarget({ app, cluster, groups: {}, objects, field });
}

const stepsOf = async (labels: Record<string, string>, field: string): Promise<unknown> =>
  (await explain(labels, field))?.fields.map(({ ref, place, steps }) => [`${ref.kind}@${place.line}`, ...steps]);

describe('explainTarget', () => {
  it('tells which overrides apply, and who says where content is', async () => {
    expect(await explain({ tier: 'gold' })).toMatchObject({
      settings: [{ field: 'path', value: 'web', override: 'gold' }, { value: 'web' }, {}],
      overrides: [
        { name: 'eu', choice: 'selector region=eu', applies: false },
        { name: 'gold', applies: true },
      ],
      fields: [],
    });
  });

  it('the last step set the value; those before are told too', async () => {
    expect(await stepsOf({ region: 'eu', tier: 'gold' }, 'spec.replicas')).toMatchObject([
      [
        'Deployment@1',
        { by: 'content', value: 2 },
        { by: 'patch', override: 'eu', field: 'spec.overrides[0].patches[0]', value: 5 },
        { by: 'patch', override: 'gold', field: 'spec.overrides[1].patches[0]', value: 9 },
      ],
    ]);
    expect(await stepsOf({}, 'replicas')).toMatchObject([['Deployment@1', { by: 'content', value: 2 }]]);
  });

  it('substitutions belong to the override that declares them', async () => {
    const field = 'metadata.annotations["a.b/tier"]';
    const content = { by: 'content', value: '${TIER}' };
    expect(await stepsOf({}, field)).toMatchObject([
      [
        'Deployment@1',
        content,
        { by: 'substitute', override: undefined, field: 'spec.substitute.TIER', value: 'silver' },
      ],
    ]);
    expect(await stepsOf({ tier: 'gold' }, field)).toMatchObject([
      ['Deployment@1', content, { override: 'gold', field: 'spec.overrides[1].substitute.TIER', value: 'gold' }],
    ]);
  });

  it('finds what people call a field of a workload, and says nothing of a field that is not there', async () => {
    expect(await stepsOf({}, 'containers[web].image')).toMatchObject([['Deployment@1', { value: 'web:1' }]]);
    expect(await stepsOf({}, 'template.spec.containers[0].image')).toMatchObject([
      ['Deployment@1', { value: 'web:1' }],
    ]);
    expect(await stepsOf({}, 'spec.nothing')).toEqual([]);
    expect(await stepsOf({}, '[[')).toEqual([]);
  });

  it('never tells what a Secret holds', async () => {
    const steps = await stepsOf({}, 'stringData.password');
    expect(steps).toMatchObject([['Secret@8', { by: 'content', value: undefined }]]);
  });
});
