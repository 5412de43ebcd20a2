import { Hub1700000001000 } from './1700000001000-hub.js';
import { Clusters1700000002000 } from './1700000002000-clusters.js';
import { Fleets1700000003000 } from './1700000003000-fleets.js';
import { Targets1700000004000 } from './1700000004000-targets.js';
import { Rollouts1700000005000 } from './1700000005000-rollouts.js';
import { Access1700000006000 } from './1700000006000-access.js';
import { Drifts1700000021000 } from './1700000021000-drifts.js';
import { EndedSessions1700000023000 } from './1700000023000-ended-sessions.js';
import { ObservedTime1700000024000 } from './1700000024000-observed-time.js';

/** In order. A migration that has been released never changes; the next one comes after it. */
export const migrations = [
  Hub1700000001000,
  Clusters1700000002000,
  Fleets1700000003000,
  Targets1700000004000,
  Rollouts1700000005000,
  Access1700000006000,
  Drifts1700000021000,
  EndedSessions1700000023000,
  ObservedTime1700000024000,
];
