import type { JsonObject } from '../json/index.js';
import { canonicalJson } from '../json/index.js';
import type { Policy } from '../policy/index.js';
import type { Place } from '../problem/index.js';
import type { RenderedApp, RenderedFleet, RenderedTarget } from '../release/index.js';
import type { FieldChange } from './diff-fields.js';
import { diffFields } from './diff-fields.js';
import type { ObjectChange } from './diff-objects.js';
import { diffObjects } from './diff-objects.js';

/**
 * What becomes of an app on clusters: `new` there, `changed`, or `leaving` (asked, orphaned or pruned by its last policy);
 * `frozen` stays as it is until its problems are mended.
 */
export type FleetChangeKind = 'new' | 'changed' | 'leaving' | 'frozen';

/** What a step from one revision to another does to an app, on all clusters on which it does the same. */
export interface FleetChangeItem {
  readonly app: string;
  readonly change: FleetChangeKind;
  /** Where the app is defined. */
  readonly place: Place;
  /** Names, sorted; of what is frozen those that keep what they have. */
  readonly clusters: readonly string[];
  /** Of `frozen`, and of `leaving` that is only doubted: why. */
  readonly because: string;
  /** Of `leaving`: what happens to the objects. */
  readonly onDelete: Policy['onDelete'] | undefined;
  readonly objects: readonly ObjectChange[];
  readonly policy: readonly FieldChange[];
}

/**
 * What would change per app and cluster between two revisions, by the rules of the hub: what has problems stays as it is,
 * and nothing leaves in doubt. Sorted by app, those with the same change together.
 */
export function diffFleets(before: RenderedFleet, after: RenderedFleet): FleetChangeItem[] {
  const names = [...new Set([...before.apps, ...after.apps].map(({ name }) => name))].sort();
  return names.flatMap((name) => diffApp(sideOf(before, name), sideOf(after, name), name));
}

interface Side {
  readonly app: RenderedApp | undefined;
  readonly targets: ReadonlyMap<string, RenderedTarget>;
}

function sideOf({ apps, targets }: RenderedFleet, name: string): Side {
  const own = targets.filter(({ app }) => app === name).map((target) => [target.cluster, target] as const);
  return { app: apps.find((app) => app.name === name), targets: new Map(own) };
}

const NOWHERE: Place = { file: '', line: 0, column: 0 };

function diffApp(before: Side, after: Side, app: string): FleetChangeItem[] {
  const place = (after.app ?? before.app)?.place ?? NOWHERE;
  const because = after.app?.frozenBecause ?? '';
  if (because !== '') {
    const clusters = [...before.targets.keys()].sort();
    return [{ app, change: 'frozen', place, clusters, because, onDelete: undefined, objects: [], policy: [] }];
  }
  const clusters = [...new Set([...before.targets.keys(), ...after.targets.keys()])].sort();
  const doubt = after.app?.doubt ?? '';
  const items = clusters.flatMap((name) => diffTarget(before.targets.get(name), after.targets.get(name), doubt));
  return joinItems(items.map((item) => ({ app, place, ...item })));
}

type Item = Omit<FleetChangeItem, 'app' | 'place'>;

function diffTarget(was: RenderedTarget | undefined, is: RenderedTarget | undefined, doubt: string): Item[] {
  if (is !== undefined) return was === undefined ? [newOn(is)] : changedOn(was, is);
  if (was === undefined) return [];
  const { cluster, objects, policy } = was;
  return [
    { ...itemOf(cluster, 'leaving'), because: doubt, onDelete: policy.onDelete, objects: diffObjects(objects, []) },
  ];
}

function itemOf(cluster: string, change: FleetChangeKind): Item {
  return { change, clusters: [cluster], because: '', onDelete: undefined, objects: [], policy: [] };
}

function newOn({ cluster, objects }: RenderedTarget): Item {
  return { ...itemOf(cluster, 'new'), objects: diffObjects([], objects) };
}

function changedOn(was: RenderedTarget, is: RenderedTarget): Item[] {
  const objects = diffObjects(was.objects, is.objects);
  const policy = diffFields(was.policy as unknown as JsonObject, is.policy as unknown as JsonObject);
  return objects.length + policy.length === 0 ? [] : [{ ...itemOf(is.cluster, 'changed'), objects, policy }];
}

function joinItems(items: readonly FleetChangeItem[]): FleetChangeItem[] {
  const joined = new Map<string, FleetChangeItem>();
  for (const { clusters, ...item } of items) {
    const key = canonicalJson(item as unknown as JsonObject);
    joined.set(key, { ...item, clusters: [...(joined.get(key)?.clusters ?? []), ...clusters] });
  }
  return [...joined.values()];
}
