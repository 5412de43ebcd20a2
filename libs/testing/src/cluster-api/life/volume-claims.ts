import { listAt, objectAt, stringAt } from '../json.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';

const CLAIMS = 'persistentvolumeclaims';

/** Claims are bound at once, to a volume in name only. */
export class VolumeClaims implements Controller {
  due(change: Change): string[] {
    return change.type === 'DELETED' ? [] : keysOf(change, CLAIMS);
  }

  reconcile(key: string, control: Control): undefined {
    const claim = control.get(CLAIMS, key);
    if (!claim || stringAt(claim, 'status', 'phase') === 'Bound' || claim.metadata.deletionTimestamp !== undefined)
      return;
    const volumeName = stringAt(claim, 'spec', 'volumeName') || `pvc-${claim.metadata.uid}`;
    const bound = control.update(CLAIMS, claim, (live) => ({
      ...live,
      spec: { ...objectAt(live, 'spec'), volumeName },
    }));
    const capacity = objectAt(bound, 'spec', 'resources', 'requests');
    control.setStatus(CLAIMS, bound, { phase: 'Bound', accessModes: listAt(bound, 'spec', 'accessModes'), capacity });
  }
}
