import type { KubeObject } from '../json.js';
import { at, textOf } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import type { StatusError } from '../status-error.js';
import { badRequest } from '../status-error.js';

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const STANDARD = ['metadata.name', 'metadata.namespace'];

/** What can be selected by besides name and namespace, as each kind's strategy declares it. */
const FIELDS: Record<string, readonly string[]> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [...INVOLVED.map((name) => `involvedObject.${name}`), 'reason', 'reportingComponent', 'source', 'type'],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
};

/** Reads `a=b,c!=d`. @throws 400 for a field that this kind cannot be selected by. */
export function parseFieldSelector(text: string, type: ResourceType): (object: KubeObject) => boolean {
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => parseTerm(part, type));
  return (object) => tests.every((test) => test(object));
}

function parseTerm(term: string, type: ResourceType): (object: KubeObject) => boolean {
  const match = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
  if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, value] = match;
  const own = FIELDS[qualifiedName(type)] ?? type.custom?.selectableFields ?? [];
  if (![...STANDARD, ...own].includes(field)) throw unknownField(field, own.length > 0 && !type.custom);
  return (object) => (readField(object, field) === value) === (operator !== '!=');
}

/** Kinds that can be selected by more say it in other words. */
function unknownField(field: string, more: boolean): StatusError {
  const list = STANDARD.map((name) => `"${name}"`).join(', ');
  return badRequest(
    more ? `field label not supported: ${field}` : `"${field}" is not a known field selector: only ${list}`,
  );
}

function readField(object: KubeObject, field: string): string {
  const value = at(object, ...field.split('.')) ?? (field === 'spec.unschedulable' ? false : '');
  if (field === 'source') return textOf(at(object, 'source', 'component') ?? at(object, 'reportingComponent'));
  return textOf(value);
}
