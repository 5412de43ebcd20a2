import type { JsonObject, KubeObject } from '../json/index.js';
import { groupOf, isJsonObject } from '../json/index.js';
import { ScopeTable } from '../content/object-scope.js';
import { memberObject, memberText } from '../health/members.js';

/** What an agent is to apply of one app. */
export interface RbacApp {
  readonly app: string;
  /** `spec.namespace`: where its account is, and objects that name no namespace. */
  readonly namespace: string;
  /** Empty: it names none. */
  readonly serviceAccount: string;
  readonly objects: readonly KubeObject[];
}

/** How the API server names a kind. */
export interface KindNames {
  /** Lower-case plural, as in URLs and rules. */
  readonly resource: string;
  readonly namespaced: boolean;
}

export interface RbacOptions {
  /** The agent's own namespace. */
  readonly namespace: string;
  /** What a cluster says of a kind; undefined when it does not serve it. Without it names follow the usual plural. */
  readonly namesOf?: (apiVersion: string, kind: string) => KindNames | undefined;
}

export interface RbacPlan {
  /** Namespaces and accounts first, then what they may do. */
  readonly objects: readonly KubeObject[];
  /** `Kind.group → resource` where the plural is a guess: a kind that is neither built in nor defined by a CRD here. */
  readonly guessed: readonly string[];
  /** Apps without an account: with `impersonateOnly` they are refused. */
  readonly withoutAccount: readonly string[];
  /** Apps that hold roles or bindings: RBAC lets nobody give what he does not have, so their accounts need more, by hand. */
  readonly grantors: readonly string[];
}

/** Server-side apply of an object that is not there needs `create` beside `patch`. */
const APP_VERBS = ['get', 'create', 'patch', 'update', 'delete'];
const AGENT = 'flotilla-agent';
const RBAC = 'rbac.authorization.k8s.io';
const BUILT_IN = /^$|^(apps|batch|autoscaling|policy|extensions)$|\.k8s\.io$/;

/**
 * The least that an agent needs which impersonates (`impersonateOnly`), and that the accounts of its apps need: each only the
 * kinds that its apps hold, in the namespaces where they are. What is cluster-wide is named one by one.
 */
export function planRbac(apps: readonly RbacApp[], options: RbacOptions): RbacPlan {
  const kinds = new KindTable(
    apps.flatMap(({ objects }) => objects),
    options,
  );
  const accounts = new Map<string, Account>();
  for (const app of apps.filter(({ serviceAccount }) => serviceAccount !== '')) addApp(accounts, app, kinds);
  const ordered = [...accounts.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const namespaces = new Set([
    options.namespace,
    ...ordered.flatMap((account) => [account.namespace, ...account.grants.keys()]),
  ]);
  namespaces.delete('');
  return {
    objects: [
      ...[...namespaces].sort().map((name) => object('v1', 'Namespace', { metadata: { name } })),
      object('v1', 'ServiceAccount', { metadata: { name: AGENT, namespace: options.namespace } }),
      ...agentRules(ordered, options.namespace),
      ...ordered.flatMap((account) => accountRules(account, options.namespace)),
    ],
    guessed: [...kinds.guessed].sort(),
    withoutAccount: namesOf(apps, ({ serviceAccount }) => serviceAccount === ''),
    grantors: namesOf(apps, ({ objects }) => objects.some(({ apiVersion }) => groupOf(apiVersion) === RBAC)),
  };
}

function namesOf(apps: readonly RbacApp[], which: (app: RbacApp) => boolean): string[] {
  return [...new Set(apps.filter(which).map(({ app }) => app))].sort();
}

/** What one account applies: by namespace (empty: cluster-wide), by `group/resource`, the names of the objects. */
interface Account {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly grants: Map<string, Map<string, Set<string>>>;
}

function addApp(accounts: Map<string, Account>, app: RbacApp, kinds: KindTable): void {
  const { namespace, serviceAccount: name, objects } = app;
  const key = `${namespace}/${name}`;
  const account: Account = accounts.get(key) ?? { key, namespace, name, grants: new Map() };
  accounts.set(key, account);
  for (const { apiVersion, kind, metadata } of objects) {
    const { resource, namespaced } = kinds.namesOf(apiVersion, kind);
    const place = namespaced ? (metadata.namespace ?? namespace) : '';
    const grants = account.grants.get(place) ?? new Map<string, Set<string>>();
    account.grants.set(place, grants);
    const what = `${groupOf(apiVersion)}/${resource}`;
    grants.set(what, (grants.get(what) ?? new Set()).add(metadata.name));
  }
}

/** How kinds are named: by the cluster, by CRDs among the objects, or by the usual plural. */
class KindTable {
  readonly guessed = new Set<string>();
  private readonly scopes: ScopeTable;
  private readonly defined = new Map<string, string>();

  constructor(
    objects: readonly KubeObject[],
    private readonly options: RbacOptions,
  ) {
    this.scopes = new ScopeTable(objects);
    for (const { kind, spec } of objects)
      if (kind === 'CustomResourceDefinition' && isJsonObject(spec)) this.learn(spec);
  }

  private learn(spec: JsonObject): void {
    const names = memberObject(spec, 'names');
    this.defined.set(`${memberText(spec, 'group')}/${memberText(names, 'kind')}`, memberText(names, 'plural'));
  }

  namesOf(apiVersion: string, kind: string): KindNames {
    const served = this.options.namesOf?.(apiVersion, kind);
    if (served !== undefined) return served;
    const group = groupOf(apiVersion);
    const namespaced = !this.scopes.isClusterScoped(group, kind);
    const defined = this.defined.get(`${group}/${kind}`);
    const resource = defined ?? pluralOf(kind.toLowerCase());
    if (defined === undefined && !BUILT_IN.test(group)) this.guessed.add(`${kind}.${group} → ${resource}`);
    return { resource, namespaced };
  }
}

/** `deployments`, `ingresses`, `networkpolicies`, `gateways`, `endpoints`. */
function pluralOf(kind: string): string {
  if (kind === 'endpoints') return kind;
  if (/(s|x|ch|sh)$/.test(kind)) return `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

interface Place {
  readonly name: string;
  readonly namespace?: string;
}

interface ObjectBody {
  readonly metadata: Place;
  readonly rules?: readonly Rule[];
  readonly roleRef?: object;
  readonly subjects?: readonly object[];
}

function object(apiVersion: string, kind: string, body: ObjectBody): KubeObject {
  return { apiVersion, kind, ...body } as unknown as KubeObject;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Subject {
  readonly name: string;
  readonly namespace: string;
}

/** A role and its binding; of the whole cluster where no namespace is given. */
function roleFor(subject: Subject, place: Place, rules: readonly Rule[]): KubeObject[] {
  const scope = place.namespace === undefined ? 'ClusterRole' : 'Role';
  const roleRef = { apiGroup: RBAC, kind: scope, name: place.name };
  const subjects = [{ kind: 'ServiceAccount', ...subject }];
  return [
    object(`${RBAC}/v1`, scope, { metadata: place, rules }),
    object(`${RBAC}/v1`, `${scope}Binding`, { metadata: place, roleRef, subjects }),
  ];
}

const OWN_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
];

/** Why a workload is not ready is read from its Pods, their ReplicaSets and Events. */
const REASON_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'] },
];

/** What the agent does as itself: discovery, facts, watches, reasons, its own objects, its Lease, and being the accounts. */
function agentRules(accounts: readonly Account[], namespace: string): KubeObject[] {
  const agent = { name: AGENT, namespace };
  const reasons = new Set(accounts.flatMap(({ grants }) => [...grants.keys()]).filter((name) => name !== ''));
  return [
    ...roleFor(agent, { name: `${AGENT}-least` }, [
      { nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/version'], verbs: ['get'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
      { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system', namespace], verbs: ['get'] },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get'] },
      ...watchRules(accounts),
    ]),
    ...roleFor(agent, { name: AGENT, namespace }, OWN_RULES),
    ...[...reasons]
      .sort()
      .flatMap((place) => roleFor(agent, { name: `${AGENT}-reasons`, namespace: place }, REASON_RULES)),
    ...accounts.flatMap((account) =>
      roleFor(agent, { name: `${AGENT}-as-${account.name}`, namespace: account.namespace }, [
        { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: [account.name], verbs: ['impersonate'] },
      ]),
    ),
  ];
}

/** One watch per kind over the whole cluster, narrowed by the ownership label. RBAC knows no labels. */
function watchRules(accounts: readonly Account[]): Rule[] {
  const kinds = accounts.flatMap(({ grants }) => [...grants.values()].flatMap((grant) => [...grant.keys()]));
  return byGroup(new Set(kinds)).map((rule) => ({ ...rule, verbs: ['list', 'watch'] }));
}

function byGroup(kinds: Iterable<string>): { apiGroups: string[]; resources: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const kind of [...kinds].sort()) {
    const [group = '', resource = ''] = kind.split('/');
    groups.set(group, [...(groups.get(group) ?? []), resource]);
  }
  return [...groups].map(([group, resources]) => ({ apiGroups: [group], resources }));
}

/** What an account does for its apps. Cluster-wide objects are named; only `create` cannot be limited to names. */
function accountRules({ name, namespace, grants }: Account, agentNamespace: string): KubeObject[] {
  const account = { name, namespace };
  const role = `flotilla-${namespace}-${name}`;
  const roles = [...grants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([place, kinds]) => {
      if (place === '')
        return roleFor(
          account,
          { name: role },
          [...kinds].sort().flatMap(([kind, names]) => clusterRules(kind, names)),
        );
      return roleFor(
        account,
        { name: role, namespace: place },
        byGroup(kinds.keys()).map((rule) => ({ ...rule, verbs: APP_VERBS })),
      );
    });
  const isAgent = name === AGENT && namespace === agentNamespace;
  return [...(isAgent ? [] : [object('v1', 'ServiceAccount', { metadata: account })]), ...roles];
}

function clusterRules(kind: string, names: ReadonlySet<string>): Rule[] {
  const [rule] = byGroup([kind]);
  return [
    { ...rule, verbs: ['create'] },
    { ...rule, resourceNames: [...names].sort(), verbs: APP_VERBS.filter((verb) => verb !== 'create') },
  ];
}
