import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Fault } from '@flotilla/domain';
import * as wire from './generated/flotilla/agent/v1/agent.js';
import { MAX_OBJECT_BYTES } from './wire-limits.js';

/** Without the dictionary, below this a deflated body is hardly smaller. */
const WORTH_DEFLATING = 256;

/**
 * What objects in canonical form say again and again, the most frequent last: a small object deflates to little more than
 * what is its own. Part of the protocol, frozen by a test: another text needs another algorithm id.
 */
export const OBJECT_DICTIONARY = Buffer.from(
  [
    '{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"","namespace":""},"spec":{"maxUnavailable":1,"minAvailable":1,"selector":{"matchLabels":{"app":""}}}}',
    '{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"","namespace":""},"spec":{"maxReplicas":10,"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}],"minReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":""}}}',
    '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"","namespace":""},"spec":{"egress":[{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}],"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{}},"podSelector":{}}]}],"policyTypes":["Ingress","Egress"]}}',
    '{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"annotations":{},"name":"","namespace":""},"spec":{"ingressClassName":"nginx","rules":[{"host":"","http":{"paths":[{"backend":{"service":{"name":"","port":{"number":80}}},"path":"/","pathType":"Prefix"}]}}],"tls":[{"hosts":[""],"secretName":""}]}}',
    '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":""},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":""},"subjects":[{"kind":"ServiceAccount","name":"","namespace":""}]}',
    '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","kind":"Role","rules":[{"apiGroups":["","apps","batch"],"resources":["pods","configmaps","secrets","services","events","deployments"],"verbs":["create","delete","get","list","patch","update","watch"]}]}',
    '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"group":"","names":{"plural":"","singular":""},"scope":"Namespaced","versions":[{"schema":{"openAPIV3Schema":{"description":"","properties":{"type":"object"},"type":"string"}},"served":true,"storage":true,"subresources":{"status":{}}}]}}',
    '{"apiVersion":"batch/v1","kind":"CronJob","kind":"Job","spec":{"backoffLimit":3,"concurrencyPolicy":"Forbid","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never"}}}},"schedule":"0 0 * * *"}}',
    '{"apiVersion":"v1","kind":"PersistentVolumeClaim","spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"10Gi"}},"storageClassName":""}}',
    '{"apiVersion":"apps/v1","kind":"StatefulSet","kind":"DaemonSet","spec":{"serviceName":"","updateStrategy":{"type":"RollingUpdate"},"volumeClaimTemplates":[]}}',
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{"app":"","app.kubernetes.io/component":"","app.kubernetes.io/instance":"","app.kubernetes.io/managed-by":"Helm","app.kubernetes.io/name":"","app.kubernetes.io/part-of":"","app.kubernetes.io/version":"","helm.sh/chart":""},"name":"","namespace":""},"spec":{"progressDeadlineSeconds":600,"replicas":1,"revisionHistoryLimit":10,"selector":{"matchLabels":{"app":""}},"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0},"type":"RollingUpdate"},"template":{"metadata":{"annotations":{"checksum/config":"","prometheus.io/port":"","prometheus.io/scrape":"true"},"labels":{"app":""}},"spec":{"affinity":{},"containers":[{"args":[""],"command":[""],"env":[{"name":"","value":""},{"name":"","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},{"name":"","valueFrom":{"secretKeyRef":{"key":"","name":""}}}],"envFrom":[{"configMapRef":{"name":""}}],"image":"","imagePullPolicy":"IfNotPresent","livenessProbe":{"httpGet":{"path":"/healthz","port":"http"},"initialDelaySeconds":10,"periodSeconds":10},"name":"","ports":[{"containerPort":8080,"name":"http","protocol":"TCP"}],"readinessProbe":{"httpGet":{"path":"/readyz","port":"http"}},"resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true,"runAsNonRoot":true},"volumeMounts":[{"mountPath":"/etc/","name":"config","readOnly":true}]}],"imagePullSecrets":[{"name":""}],"nodeSelector":{"kubernetes.io/os":"linux"},"serviceAccountName":"","terminationGracePeriodSeconds":30,"tolerations":[{"effect":"NoSchedule","key":"","operator":"Exists"}],"topologySpreadConstraints":[],"volumes":[{"configMap":{"name":""},"name":"config"},{"emptyDir":{},"name":"tmp"},{"name":"","secret":{"secretName":""}}]}}}}',
    '{"apiVersion":"v1","kind":"Service","metadata":{"labels":{"app":""},"name":"","namespace":""},"spec":{"clusterIP":"None","ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":"http"}],"selector":{"app":""},"type":"ClusterIP"}}',
    '{"apiVersion":"v1","kind":"Namespace","kind":"ServiceAccount","metadata":{"name":""}}',
    '{"apiVersion":"v1","data":{"":""},"kind":"Secret","metadata":{"name":"","namespace":""},"type":"Opaque"}',
    '{"apiVersion":"v1","data":{"":""},"kind":"ConfigMap","metadata":{"name":"","namespace":""}}',
  ].join('\n'),
);

/** A body and how it is to be read. */
export type Body = Pick<wire.Content, 'compression' | 'body'>;

/** The smallest form of a text that agents of this minor read. */
export function deflateText(text: string): Body {
  const plain = Buffer.from(text);
  const body = deflateRawSync(plain, { dictionary: OBJECT_DICTIONARY, level: 9, memLevel: 9 });
  if (body.length >= plain.length) return { compression: wire.Compression.COMPRESSION_NONE, body: plain };
  return { compression: wire.Compression.COMPRESSION_DEFLATE_OBJECT, body };
}

/** The form that agents of every minor read. */
export function deflateForAll(text: string): Body {
  const plain = Buffer.from(text);
  const body = plain.length < WORTH_DEFLATING ? plain : deflateRawSync(plain);
  if (body.length >= plain.length) return { compression: wire.Compression.COMPRESSION_NONE, body: plain };
  return { compression: wire.Compression.COMPRESSION_DEFLATE_RAW, body };
}

/** @throws Fault badInput for what cannot be inflated within the size of an object. */
export function inflateText({ compression, body }: Body): string {
  switch (compression) {
    case wire.Compression.COMPRESSION_NONE:
      return body.toString('utf8');
    case wire.Compression.COMPRESSION_DEFLATE_RAW:
      return inflateBounded(body);
    case wire.Compression.COMPRESSION_DEFLATE_OBJECT:
      return inflateBounded(body, OBJECT_DICTIONARY);
    case wire.Compression.COMPRESSION_UNSPECIFIED:
    case wire.Compression.UNRECOGNIZED:
    default:
      throw new Fault('badInput', `compression ${compression} is not known to this version`);
  }
}

function inflateBounded(body: Buffer, dictionary?: Buffer): string {
  try {
    const options = { maxOutputLength: MAX_OBJECT_BYTES, ...(dictionary && { dictionary }) };
    return inflateRawSync(body, options).toString('utf8');
  } catch (cause) {
    throw new Fault('badInput', `content that cannot be inflated to at most ${MAX_OBJECT_BYTES} bytes`, undefined, {
      cause,
    });
  }
}
