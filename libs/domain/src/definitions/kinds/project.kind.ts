import type { ProjectDefinition } from '../definition.js';
import { cleanPath } from '../clean-path.js';
import { list } from '../fields/collection-types.js';
import { clusterChoice, referenceTo } from '../fields/cluster-types.js';
import { defaulted, object, optional, refined, required, section } from '../fields/object-type.js';
import { name, oneOf, text } from '../fields/scalar-types.js';
import type { KindRule } from './kind-rule.js';
import { defineKind, spotOf } from './kind-rule.js';

function patternError(value: string): string | undefined {
  return /^[a-z0-9*?.-]+$/.test(value) ? undefined : `"${value}" is not a name or a pattern like shop-*`;
}

const namePattern = text({
  label: 'name pattern',
  error: patternError,
  hint: 'Write a name, or a pattern like shop-*.',
});

function pathError(value: string): string | undefined {
  return cleanPath(value) === undefined ? `"${value}" is not a path inside the repository` : undefined;
}

const pathPattern = refined(
  text({ label: 'path pattern', error: pathError, hint: 'Write it like teams/shop/**.' }),
  (value): string => cleanPath(value) ?? value,
);

const role = object({
  role: required(oneOf('viewer', 'operator', 'admin'), 'Role.'),
  group: required(text({ label: 'group' }), 'Group of people that has it.'),
});

const spec = {
  paths: required(list(pathPattern, { min: 1 }), 'Files it owns; `**` stands for any number of folders.'),
  sources: defaulted(list(namePattern), 'Sources its apps may use.', { value: [], fallback: 'none' }),
  clusters: optional(clusterChoice, 'Clusters its apps may run on.', 'none'),
  namespaces: defaulted(list(namePattern), 'Namespaces its apps may write to.', { value: [], fallback: 'none' }),
  clusterScoped: defaulted(list(text({ label: 'kind' })), 'Cluster-scoped kinds its apps may hold.', {
    value: [],
    fallback: 'none',
  }),
  serviceAccounts: defaulted(list(namePattern), 'Service accounts its apps may write as.', {
    value: [],
    fallback: 'none',
  }),
  defaults: section(
    {
      targets: defaulted(list(clusterChoice), 'Targets of apps that name none.', { value: [] }),
      strategy: optional(referenceTo('RolloutStrategy'), 'Strategy of apps that name none.'),
      serviceAccount: optional(name, 'Service account of apps that name none.'),
    },
    'What its apps take over.',
  ),
  roles: defaulted(list(role), 'Who may do what in it.', { value: [] }),
};

export const projectKind: KindRule = defineKind({
  kind: 'Project',
  doc: 'A tenant: the files it owns and what its apps may touch.',
  inProjects: false,
  spec: required(object(spec), 'What belongs to it.'),
  build(head, values, context): ProjectDefinition {
    if (values.roles.length > 0) {
      const message = 'roles of projects have no effect yet: what people may do comes from the role of their token';
      const hint = 'Remove roles, or keep them for later: they give nobody anything.';
      context.at
        .member('spec')
        .member('roles')
        .warning({ code: 'notSupported', spot: spotOf(context, 'roles'), message, hint });
    }
    return { kind: 'Project', ...head, ...values };
  },
});
