import { describe, expect, it } from 'vitest';
import { ContentRenderer, FilesTree } from '../content/index.js';
import { renderFleet } from '../release/index.js';
import type { FleetChangeItem } from './diff-fleets.js';
import { diffFleets } from './diff-fleets.js';

type Files = Readonly<Record<string, string>>;

const app = (name: string, more = '{targets: [{all: true}]}'): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec: ${more}\n`;
const config = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${value}"}\n`;
const cluster = (name: string, region: string): string =>
  `kind: Cluster\nmetadata: {name: ${name}, labels: {region: ${region}}}\n`;

const GOOD: Files = {
  'web/flotilla.yaml': app('web'),
  'web/web.yaml': config('web', '1'),
  'dns/flotilla.yaml': app('dns', '{targets: [{selector: region=eu}], onDelete: orphan}'),
  'dns/dns.yaml': config('dns', '1'),
  'fleet/clusters.yaml': [cluster('eu-1', 'eu'), cluster('eu-2', 'eu'), cluster('us-1', 'us')].join('---\n'),
};

async function diff(changes: Readonly<Record<string, string | undefined>>): Promise<FleetChangeItem[]> {
  const renderer = new ContentRenderer(() => Promise.reject(new Error('no kustomize here')));
  const treeOf = (files: Readonly<Record<string, string | undefined>>): FilesTree =>
    new FilesTree(
      Object.entries(files).flatMap(([path, content]) => (content === undefined ? [] : [{ path, content }])),
    );
  const before = await renderFleet({ tree: treeOf(GOOD), renderer });
  const after = await renderFleet({ tree: treeOf({ ...GOOD, ...changes }), renderer, previous: before.definitions });
  return diffFleets(before, after);
}

describe('diffFleets', () => {
  it('is empty when nothing but words changed', async () => {
    expect(await diff({ 'README.md': 'hello', 'web/web.yaml': `# said\n${GOOD['web/web.yaml'] ?? ''}` })).toEqual([]);
  });

  it('tells a changed field once for all clusters on which it is the same', async () => {
    const field = { field: 'data.a', change: 'changed', before: '1', after: '2' };
    expect(await diff({ 'web/web.yaml': config('web', '2') })).toMatchObject([
      { app: 'web', change: 'changed', clusters: ['eu-1', 'eu-2', 'us-1'], objects: [{ fields: [field] }], policy: [] },
    ]);
  });

  it('tells where an app comes and where it leaves, and what becomes of its objects', async () => {
    expect(await diff({ 'dns/flotilla.yaml': app('dns', '{targets: [{selector: region=us}]}') })).toMatchObject([
      { app: 'dns', change: 'leaving', clusters: ['eu-1', 'eu-2'], onDelete: 'orphan', because: '' },
      { app: 'dns', change: 'new', clusters: ['us-1'], objects: [{ change: 'added' }] },
    ]);
  });

  it('tells that an app vanishes', async () => {
    const gone = { 'dns/flotilla.yaml': undefined, 'dns/dns.yaml': undefined };
    expect(await diff(gone)).toMatchObject([{ app: 'dns', change: 'leaving', clusters: ['eu-1', 'eu-2'] }]);
  });

  it('a new policy alone is a change', async () => {
    const [item] = await diff({ 'web/flotilla.yaml': app('web', '{targets: [{all: true}], onDelete: prune}') });
    expect(item).toMatchObject({ change: 'changed', objects: [], policy: [{ field: 'onDelete', after: 'prune' }] });
  });

  it('what has a problem stays as it is', async () => {
    const [item, ...more] = await diff({ 'dns/flotilla.yaml': app('dns', '{targts: [{all: true}]}') });
    expect(item).toMatchObject({ app: 'dns', change: 'frozen', clusters: ['eu-1', 'eu-2'], objects: [] });
    expect(item?.because).toMatch(/targts/);
    expect(more).toEqual([]);
  });

  it('nothing leaves while a file that decides about it is broken', async () => {
    const items = await diff({ 'fleet/clusters.yaml': 'kind: Cluster\n  bad: [' });
    expect(items).toEqual([]);
  });
});
