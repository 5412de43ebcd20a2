import type { Json, JsonObject, KubeObject } from '../json.js';
import { numberAt, objectAt, objectsAt, stringAt } from '../json.js';
import type { Column } from './column.js';
import { column, wide } from './column.js';
import { printAge } from './print-age.js';

const statuses = (object: KubeObject): JsonObject[] => objectsAt(object, 'status', 'containerStatuses');

export const podColumns: readonly Column[] = [
  column('Ready', (object) => {
    const ready = statuses(object).filter((status) => status.ready === true).length;
    return `${ready}/${objectsAt(object, 'spec', 'containers').length}`;
  }),
  column('Status', podStatus),
  column('Restarts', (object) =>
    String(statuses(object).reduce((sum, status) => sum + numberAt(status, 'restartCount'), 0)),
  ),
  column('Age', (object) => printAge(object.metadata.creationTimestamp)),
  wide('IP', (object) => stringAt(object, 'status', 'podIP') || '<none>'),
  wide('Node', (object) => stringAt(object, 'spec', 'nodeName') || '<none>'),
  wide('Nominated Node', () => '<none>'),
  wide('Readiness Gates', () => '<none>'),
];

/** The phase, or the reason why a container does not run. */
function podStatus(object: KubeObject): Json {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const reasons = statuses(object).map(
    (status) =>
      stringAt(objectAt(status, 'state', 'waiting'), 'reason') ||
      stringAt(objectAt(status, 'state', 'terminated'), 'reason'),
  );
  return reasons.find((reason) => reason !== '') ?? stringAt(object, 'status', 'phase');
}
