import { ABSENT, VERSION, WORD } from '../cluster-api/life/image-exists.js';

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

interface StageOptions {
  readonly kind: 'Node' | 'Pod';
  readonly when: readonly Requirement[];
  readonly next: { readonly statusTemplate: string } | { readonly delete: true };
  readonly delayMs?: number;
}

function stage(name: string, { kind, when, next, delayMs }: StageOptions): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions: when },
      ...(delayMs === undefined ? {} : { delay: { durationMilliseconds: delayMs } }),
      next,
    },
  };
}

const alive: Requirement = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const phase = (value: string): Requirement => ({ key: '.status.phase', operator: 'In', values: [value] });
const ready = (operator: 'In' | 'NotIn'): Requirement => ({
  key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
  operator,
  values: ['True'],
});
const test = (pattern: RegExp): string => `test(${JSON.stringify(pattern.source)})`;
/** `imageExists` of the embedded cluster API, in jq: both kinds of cluster pull the same images. */
const MISSING_IMAGE = [
  '.spec.containers.[].image',
  'select( test("@") | not )',
  'split("/") | last | select( test(":") )',
  'split(":") | last',
  `select( ${test(ABSENT)} or ( ( ${test(VERSION)} or ${test(WORD)} ) | not ) )`,
].join(' | ');
const missingImage = (operator: 'Exists' | 'DoesNotExist'): Requirement => ({ key: MISSING_IMAGE, operator });
const waiting: Requirement = { key: '.status.containerStatuses.[].state.waiting', operator: 'DoesNotExist' };
const ofJob: Requirement = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };

const NODE_STATUS = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- { lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ or $.metadata.creationTimestamp $now | Quote }}, message: {{ .message | Quote }}, reason: {{ .reason | Quote }}, status: {{ .status | Quote }}, type: {{ .type | Quote }} }
{{ end }}
addresses:
- { type: InternalIP, address: {{ NodeIP | Quote }} }
- { type: Hostname, address: {{ .metadata.name | Quote }} }
allocatable: { cpu: 1k, memory: 1Ti, pods: 1M }
capacity: { cpu: 1k, memory: 1Ti, pods: 1M }
nodeInfo: { architecture: amd64, bootID: "", containerRuntimeVersion: kwok, kernelVersion: kwok, kubeProxyVersion: "", kubeletVersion: kwok, machineID: "", operatingSystem: linux, osImage: "", systemUUID: "" }
phase: Running
`;

const POD_PLACE = `
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
startTime: {{ $now | Quote }}
`;

const POD_READY = `
{{ $now := Now }}
phase: Running
conditions:
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: Initialized }
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: Ready }
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: ContainersReady }
containerStatuses:
{{ range .spec.containers }}
- { image: {{ .image | Quote }}, name: {{ .name | Quote }}, ready: true, started: true, restartCount: 0, state: { running: { startedAt: {{ $now | Quote }} } } }
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }
  {{ end }}
{{ end }}
${POD_PLACE}`;

/** As a kubelet reports an image that its registry does not have. */
const POD_IMAGE_MISSING = `
{{ $now := Now }}
phase: Pending
conditions:
- { lastTransitionTime: {{ $now | Quote }}, status: "True", type: Initialized }
- { lastTransitionTime: {{ $now | Quote }}, status: "False", type: Ready, reason: ContainersNotReady, message: "containers with unready status" }
- { lastTransitionTime: {{ $now | Quote }}, status: "False", type: ContainersReady, reason: ContainersNotReady, message: "containers with unready status" }
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: { waiting: { reason: ImagePullBackOff, message: {{ printf "Back-off pulling image \\"%s\\": ErrImagePull: not found" .image | Quote }} } }
{{ end }}
${POD_PLACE}`;

const POD_COMPLETE = `
{{ $now := Now }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- { image: {{ .image | Quote }}, name: {{ .name | Quote }}, ready: false, started: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } } }
{{ end }}
`;

/** How Nodes and Pods live without a kubelet: ready at once, Jobs complete, missing images wait for ever. */
const STAGES: readonly object[] = [
  stage('node-initialize', { kind: 'Node', when: [ready('NotIn')], next: { statusTemplate: NODE_STATUS } }),
  stage('node-heartbeat', {
    kind: 'Node',
    when: [phase('Running'), ready('In')],
    delayMs: 300_000,
    next: { statusTemplate: NODE_STATUS },
  }),
  stage('pod-ready', {
    kind: 'Pod',
    when: [alive, phase('Pending'), missingImage('DoesNotExist')],
    next: { statusTemplate: POD_READY },
  }),
  stage('pod-image-missing', {
    kind: 'Pod',
    when: [alive, phase('Pending'), missingImage('Exists'), waiting],
    next: { statusTemplate: POD_IMAGE_MISSING },
  }),
  stage('pod-complete', {
    kind: 'Pod',
    when: [alive, phase('Running'), ofJob],
    next: { statusTemplate: POD_COMPLETE },
  }),
  stage('pod-delete', {
    kind: 'Pod',
    when: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }],
    next: { delete: true },
  }),
];

/** Configuration file of kwok. */
export function kwokConfig(): string {
  return STAGES.map((each) => JSON.stringify(each)).join('\n---\n') + '\n';
}
