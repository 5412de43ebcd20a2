import type { KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, required } from '../status-error.js';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Names with a rule of their own: a path segment where RBAC is concerned, one label for namespaces and Services. */
function nameProblem(name: string, type: ResourceType): string | undefined {
  if (type.group === 'rbac.authorization.k8s.io') return undefined;
  if (type.kind === 'Namespace' || type.kind === 'Service')
    return LABEL.test(name) && name.length <= 63 ? undefined : LABEL_RULE;
  if (name.length > 253) return 'must be no more than 253 characters';
  return SUBDOMAIN.test(name) ? undefined : SUBDOMAIN_RULE;
}

export function validateMetadata({ metadata }: KubeObject, type: ResourceType): StatusCause[] {
  const { name, labels = {}, annotations = {} } = metadata;
  if (!name) return [required('metadata.name', 'name or generateName is required')];
  const wrongName = nameProblem(name, type);
  return [
    ...(wrongName ? [invalidValue('metadata.name', name, wrongName)] : []),
    ...keyProblems('metadata.labels', labels),
    ...Object.values(labels).flatMap((value) =>
      VALUE.test(value) ? [] : [invalidValue('metadata.labels', value, VALUE_RULE)],
    ),
    ...keyProblems('metadata.annotations', annotations),
  ];
}

function keyProblems(field: string, map: Readonly<Record<string, string>>): StatusCause[] {
  const wrong = Object.keys(map).filter(
    (key) => !QUALIFIED.test(field.endsWith('annotations') ? key.toLowerCase() : key),
  );
  return wrong.map((key) => invalidValue(field, key, NAME_RULE));
}
