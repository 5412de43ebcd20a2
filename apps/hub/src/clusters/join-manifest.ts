import { stringify } from 'yaml';

/** What a join has to say to the agent. */
export interface JoinFacts {
  readonly clusterName: string;
  readonly token: string;
  readonly joinAddress: string;
}

/** What the agent may do: anything, or what `flotilla agent rbac` prints. */
export const RBAC_MODES = ['clusterAdmin', 'generated'] as const;
export type RbacMode = (typeof RBAC_MODES)[number];

export interface JoinManifestOptions {
  readonly image: string;
  readonly rbac?: RbacMode;
  readonly namespace?: string;
}

const HEALTH_PORT = 9_090;
const NAMESPACE = 'flotilla-system';
const NAME = 'flotilla-agent';

/** YAML that installs the agent: printed by `flotilla cluster join NAME`, made to be piped into kubectl. */
export function joinManifest(join: JoinFacts, options: JoinManifestOptions): string {
  const { image, namespace = NAMESPACE, rbac = 'clusterAdmin' } = options;
  const place = { namespace, labels: { 'app.kubernetes.io/name': NAME } };
  const documents = [
    [`# Cluster ${join.clusterName}. The token works once, for one hour.`, namespaceOf(namespace)],
    ...(rbac === 'clusterAdmin' ? adminRights(place) : []),
    [
      rbac === 'clusterAdmin' ? '' : '# The account and the rights of the agent and of its apps: flotilla agent rbac',
      secretOf(join, place),
    ],
    ['', deploymentOf(join, { image, place, rbac })],
  ] as const;
  return documents.map(([comment, body]) => `${comment === '' ? '' : `${comment}\n`}${stringify(body)}`).join('---\n');
}

interface Place {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

function adminRights(place: Place): [string, object][] {
  return [
    ['', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, ...place } }],
    [
      '# The agent is cluster-admin here: it must be able to apply whatever the fleet repository holds. Apps with a service\n# account are applied under that account only.',
      bindingOf(place.namespace),
    ],
  ];
}

function namespaceOf(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function bindingOf(namespace: string): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
  };
}

function secretOf(join: JoinFacts, place: Place): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'flotilla-join', ...place },
    stringData: { token: join.token },
  };
}

interface Pod {
  readonly image: string;
  readonly place: Place;
  readonly rbac: RbacMode;
}

function deploymentOf(join: JoinFacts, pod: Pod): object {
  const { place } = pod;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, ...place },
    spec: {
      replicas: 1,
      // One writer per cluster: the next agent waits for the lease of the last.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: place.labels },
      template: { metadata: { labels: place.labels }, spec: podOf(join, pod) },
    },
  };
}

function podOf(join: JoinFacts, { image, rbac }: Pod): object {
  return {
    serviceAccountName: NAME,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'agent',
        image,
        env: [
          { name: 'FLOTILLA_AGENT_JOIN_ADDRESS', value: join.joinAddress },
          { name: 'FLOTILLA_AGENT_JOIN_TOKEN_FILE', value: '/var/run/flotilla/join/token' },
          { name: 'FLOTILLA_AGENT_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
          { name: 'FLOTILLA_AGENT_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
          { name: 'FLOTILLA_AGENT_HEALTH_LISTEN', value: `0.0.0.0:${HEALTH_PORT}` },
          ...(rbac === 'generated' ? [{ name: 'FLOTILLA_AGENT_IMPERSONATE_ONLY', value: 'true' }] : []),
        ],
        ports: [{ name: 'health', containerPort: HEALTH_PORT }],
        readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 5 },
        livenessProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 10, failureThreshold: 6 },
        resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'join', mountPath: '/var/run/flotilla/join', readOnly: true }],
      },
    ],
    // The token is used once: the agent keeps running when the Secret is deleted afterwards.
    volumes: [{ name: 'join', secret: { secretName: 'flotilla-join', optional: true } }],
  };
}
