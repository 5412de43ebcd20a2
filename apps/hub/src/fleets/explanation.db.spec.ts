import { expect, it } from 'vitest';
import { ExplanationService } from './explanation.service.js';
import { FleetWorld } from './fleet-world.fixture.js';

const APP = `kind: App
metadata: {name: web}
spec:
  targets: [{selector: region=eu}]
  overrides:
    - {name: big, selector: size=big, patches: [{target: {kind: Deployment}, patch: {spec: {replicas: 9}}}]}
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template: {spec: {containers: [{name: web, image: "web:1.4.0"}]}}
`;

it('tells the file, the line and the override, from Git at the last good commit', async () => {
  const clusters = { 'eu-1': { region: 'eu', size: 'big' }, 'eu-2': { region: 'eu' }, 'us-1': { region: 'us' } };
  await using world = await FleetWorld.make(clusters, { 'web/flotilla.yaml': APP, 'web/web.yaml': DEPLOYMENT });
  const explanations = world.get(ExplanationService);
  const explain = (cluster: string, field?: string): ReturnType<ExplanationService['explain']> =>
    explanations.explain('web', { cluster, field });

  const big = await explain('eu-1', 'spec.replicas');
  expect(big).toMatchObject({ matchedBy: 'selector region=eu', overrides: [{ name: 'big', applies: true }] });
  expect(big.fields).toMatchObject([
    { written: { file: 'web/web.yaml', line: 5 }, steps: [{ value: 2 }, { override: 'big', value: 9 }] },
  ]);
  expect((await explain('eu-2', 'containers[web].image')).fields).toMatchObject([
    { written: { file: 'web/web.yaml', line: 6 }, steps: [{ value: 'web:1.4.0' }] },
  ]);
  expect((await explain('us-1')).matchedBy).toBeUndefined();
  await expect(explain('nobody')).rejects.toMatchObject({ code: 'notFound' });
  await expect(explanations.explain('nothing', { cluster: 'eu-1', field: undefined })).rejects.toMatchObject({
    code: 'notFound',
  });

  await world.push({
    'web/flotilla.yaml': APP.replace('targets', 'targts'),
    'web/web.yaml': DEPLOYMENT.replace('2', '3'),
  });
  expect((await explain('eu-2', 'spec.replicas')).fields).toMatchObject([{ steps: [{ value: 2 }] }]);
});
