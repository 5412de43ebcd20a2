import type { KubeObject } from '../../json/index.js';
import { findTrue } from '../conditions.js';
import { isUnseen } from '../generations.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, progressing, unknown } from '../verdict.js';

const WORKLOAD_GENERATION = 'rollout.argoproj.io/workload-generation';
const UNDER_WAY = new Set(['Progressing', 'Paused']);

/** By `status.phase`, which is about `status.observedGeneration`, and with a workloadRef about its workload's generation too. */
export function assessArgoRollout(object: KubeObject): HealthVerdict {
  if (isUnseen(object) || isWorkloadUnseen(object)) return NOT_OBSERVED;
  const invalid = findTrue(object, 'InvalidSpec');
  if (invalid !== undefined) return failed(invalid.reason || invalid.type, invalid.message);
  const { phase, message } = phaseOf(object);
  if (phase === 'Healthy') return HEALTHY;
  if (phase === 'Degraded') return failed(phase, message);
  if (UNDER_WAY.has(phase)) return progressing(phase, message);
  return phase === '' ? progressing('noPhase', message) : unknown('oddPhase', `phase ${phase} is not known`);
}

const ENDED_BADLY = new Set(['Failed', 'Error', 'Inconclusive']);

/** AnalysisRun and Experiment: judged by how they ended. */
export function assessArgoAnalysis(object: KubeObject): HealthVerdict {
  const { phase, message } = phaseOf(object);
  if (phase === 'Successful') return HEALTHY;
  if (ENDED_BADLY.has(phase)) return failed(phase, message);
  if (phase === '' || phase === 'Pending' || phase === 'Running') return progressing(phase || 'noPhase', message);
  return unknown('oddPhase', `phase ${phase} is not known`);
}

function isWorkloadUnseen(object: KubeObject): boolean {
  const wanted = object.metadata.annotations?.[WORKLOAD_GENERATION];
  const seen = memberText(memberObject(object, 'status'), 'workloadObservedGeneration');
  return wanted !== undefined && seen !== '' && seen !== wanted;
}

function phaseOf(object: KubeObject): { readonly phase: string; readonly message: string } {
  const status = memberObject(object, 'status');
  return { phase: memberText(status, 'phase'), message: memberText(status, 'message') };
}
