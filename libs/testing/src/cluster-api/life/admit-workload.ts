import type { KubeObject } from '../json.js';
import { objectAt, sameJson } from '../json.js';

/** Annotation of a DaemonSet; its Pods carry the number as a label. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** A Job selects its Pods by its own UID, and labels itself and its Pods with it, unless it selects by hand. */
export function admitJob(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  if (spec.manualSelector === true) return object;
  const { uid = '', name } = object.metadata;
  const own = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const template = objectAt(spec, 'template');
  const metadata = {
    ...objectAt(template, 'metadata'),
    labels: { ...objectAt(template, 'metadata', 'labels'), ...own },
  };
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...own } },
    spec: {
      ...spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { ...template, metadata },
    },
  };
}

/** DaemonSets count the changes of their template in an annotation. `live` is undefined on creation. */
export function countTemplates(live: KubeObject | undefined, next: KubeObject): KubeObject {
  const before = Number(live?.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
  const changed = !live || !sameJson(objectAt(live, 'spec', 'template'), objectAt(next, 'spec', 'template'));
  const annotations = { ...next.metadata.annotations, [TEMPLATE_GENERATION]: String(before + (changed ? 1 : 0)) };
  return { ...next, metadata: { ...next.metadata, annotations } };
}
