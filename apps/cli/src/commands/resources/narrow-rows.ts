import type { Api } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import type { Filters, Resource } from './resource.js';
import { given } from './resource.js';

export type Keep = (row: unknown) => boolean;

type Narrow = (api: Api, resource: Resource<unknown>, filters: Filters) => Promise<Keep> | undefined;

/** How rows are narrowed that the API does not narrow; undefined for those it makes no sense for. */
const NARROW: Readonly<Record<keyof Filters, Narrow>> = {
  app: (api, { appsOf, clustersOf }, { app = '' }) => {
    if (appsOf) return Promise.resolve((row) => appsOf(row).includes(app));
    return clustersOf && oneOf(clustersOf, targetsBy(api, { app }, 'cluster'));
  },
  cluster: (api, { appsOf, clustersOf }, { cluster = '' }) => {
    if (clustersOf) return Promise.resolve((row) => clustersOf(row).includes(cluster));
    return appsOf && oneOf(appsOf, targetsBy(api, { cluster }, 'app'));
  },
  selector: (api, { appsOf, clustersOf }, { selector = '' }) => {
    if (clustersOf) return oneOf(clustersOf, clustersBy(api, selector));
    return appsOf && oneOf(appsOf, targetsBy(api, { selector }, 'app'));
  },
  project: (api, { appsOf, clustersOf }, { project = '' }) => {
    if (appsOf) return oneOf(appsOf, appsOfProject(api, project));
    return clustersOf && oneOf(clustersOf, clustersOfProject(api, project));
  },
  unhealthy: (_, { isUnhealthy }) => isUnhealthy && Promise.resolve(isUnhealthy),
  open: () => undefined,
};

/** Whether `get` of it takes a filter: the API does, or it follows from the apps or clusters of its rows. */
export function takesFilter(
  { filters, appsOf, clustersOf, isUnhealthy }: Resource<unknown>,
  name: keyof Filters,
): boolean {
  if (filters.includes(name)) return true;
  if (name === 'open') return false;
  return name === 'unhealthy' ? isUnhealthy !== undefined : (appsOf ?? clustersOf) !== undefined;
}

/** What is left of the rows of the API by the filters that it does not know. */
export async function narrowRows(api: Api, resource: Resource<unknown>, filters: Filters): Promise<Keep> {
  const names = (Object.keys(NARROW) as (keyof Filters)[]).filter(
    (name) => filters[name] !== undefined && !resource.filters.includes(name),
  );
  const keeps = await Promise.all(names.map(async (name) => NARROW[name](api, resource, filters)));
  return (row) => keeps.every((keep) => keep === undefined || keep(row));
}

async function oneOf(namesOf: (row: unknown) => readonly string[], wanted: Promise<Set<string>>): Promise<Keep> {
  const names = await wanted;
  return (row) => namesOf(row).some((name) => names.has(name));
}

interface TargetsOf {
  readonly app?: string;
  readonly cluster?: string;
  readonly selector?: string;
}

async function targetsBy(api: Api, filter: TargetsOf, member: 'app' | 'cluster'): Promise<Set<string>> {
  const targets = await allOf((page) =>
    bodyOf(api.GET('/api/v1/targets', { params: { query: { ...page, ...filter } } })),
  );
  return new Set(targets.map((target) => target[member]));
}

async function clustersBy(api: Api, selector: string): Promise<Set<string>> {
  const rows = await allOf((page) => bodyOf(api.GET('/api/v1/clusters', { params: { query: { ...page, selector } } })));
  return new Set(rows.map(({ name }) => name));
}

async function appsOfProject(api: Api, wanted: string): Promise<Set<string>> {
  const apps = await allOf((page) => bodyOf(api.GET('/api/v1/apps', { params: { query: page } })));
  return new Set(apps.filter(({ project }) => project === wanted).map(({ name }) => name));
}

async function clustersOfProject(api: Api, project: string): Promise<Set<string>> {
  const [apps, targets] = await Promise.all([
    appsOfProject(api, project),
    allOf((page) => bodyOf(api.GET('/api/v1/targets', { params: { query: page } }))),
  ]);
  return new Set(targets.filter(({ app }) => apps.has(app)).map(({ cluster }) => cluster));
}

interface PageQuery {
  readonly limit: number;
  readonly after?: string;
}

const PAGE = 500;

/** All pages of a list. */
export async function allOf<T>(read: (page: PageQuery) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await read({ limit: PAGE, ...given({ after }) });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}
