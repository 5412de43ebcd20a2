import type { Json, KubeObject } from '../../json/index.js';
import { isJsonObject } from '../../json/index.js';
import { needConditions } from '../conditions.js';
import { settle } from '../kinds/custom-resource.js';
import { memberObject } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY } from '../verdict.js';

/** Prometheus, PrometheusAgent, Alertmanager, ThanosRuler. */
export function assessMonitoringWorkload(object: KubeObject): HealthVerdict {
  return needConditions(object, ['Available', 'Reconciled']);
}

/**
 * ServiceMonitor and its like: most operators write no status for them; those that do say per workload whether it took the
 * configuration.
 */
export function assessMonitoringConfig(object: KubeObject, sinceChangeMs: number): HealthVerdict {
  const bindings = memberObject(object, 'status')['bindings'];
  const list = Array.isArray(bindings) ? (bindings as readonly Json[]).filter(isJsonObject) : [];
  if (list.length === 0) return settle(sinceChangeMs);
  return (
    list
      .map((binding) => needConditions({ ...object, status: binding }, ['Accepted']))
      .find(({ health }) => health !== 'healthy') ?? HEALTHY
  );
}
