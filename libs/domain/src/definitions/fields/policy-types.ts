import { parse } from '@marcbachmann/cel-js';
import type { IgnoreRule, Policy } from '../../policy/index.js';
import { list } from './collection-types.js';
import { jsonPointer, objectSelectorFields } from './content-types.js';
import type { DefaultedField } from './field-type.js';
import { defaulted, object, optional, refined, required, section } from './object-type.js';
import { boolean, integer, oneOf, text } from './scalar-types.js';

const ADOPTED_MANAGERS = ['argocd-controller', 'kustomize-controller', 'helm', 'kubectl-client-side-apply'];
const CONFIRMED_KINDS = ['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim'];

const manager = text({ label: 'field manager' });
const kind = text({ label: 'kind' });

function celError(expression: string): string | undefined {
  try {
    parse(expression);
    return undefined;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `not a CEL expression: ${reason}`;
  }
}

const cel = text({ label: 'CEL expression', error: celError, hint: 'Write it like status.ok == true.' });

export const applyField: DefaultedField<Policy['apply']> = section(
  {
    conflict: defaulted(oneOf('fail', 'force'), 'What to do about a field that someone else holds and we never held.', {
      value: 'fail',
    }),
    adopt: section(
      {
        when: defaulted(oneOf('never', 'ifEqual', 'force'), 'When an object that exists already is taken over.', {
          value: 'ifEqual',
        }),
        from: defaulted(list(manager), 'Field managers whose fields pass to Flotilla with it.', {
          value: ADOPTED_MANAGERS,
        }),
      },
      'Taking over objects that exist already.',
    ),
  },
  'How objects are written.',
);

const ignoreRule = refined(
  object({
    ...objectSelectorFields,
    jsonPointers: defaulted(list(jsonPointer), 'Paths that are left to whoever owns them.', { value: [] }),
    fieldManagers: defaulted(list(manager), 'Field managers whose fields are left to them.', { value: [] }),
  }),
  (rule, node, at): IgnoreRule | undefined => {
    if (rule.jsonPointers.length + rule.fieldManagers.length > 0) return rule;
    return at.invalid(node, 'names neither jsonPointers nor fieldManagers', 'Say what to ignore.');
  },
);

export const driftField: DefaultedField<Policy['drift']> = section(
  {
    policy: defaulted(oneOf('correct', 'report'), 'Whether drift is put right or only shown.', { value: 'correct' }),
    ignore: defaulted(list(ignoreRule), 'What is not drift.', { value: [] }),
    extraFields: defaulted(oneOf('remove', 'keep'), 'What happens to fields that were added by kubectl.', {
      value: 'remove',
    }),
  },
  'What happens when objects differ from what is allowed.',
);

const healthCheck = object({
  apiVersion: required(text({ label: 'API version' }), 'API version of the objects, e.g. `x.io/v1`.'),
  kind: required(kind, 'Kind of the objects.'),
  current: required(cel, 'True when the object is healthy.'),
  failed: optional(cel, 'True when it has failed for good.'),
});

export const healthField: DefaultedField<Policy['health']> = section(
  {
    checks: defaulted(list(healthCheck), 'Checks of kinds that Flotilla does not know.', { value: [] }),
    failFast: defaulted(boolean, 'Whether a new Pod that cannot start fails the target before its deadline.', {
      value: true,
    }),
  },
  'When the app counts as healthy.',
);

export const budgetField: DefaultedField<Policy['budget']> = section(
  {
    maxDeletes: section(
      {
        objects: defaulted(integer(0, 1_000_000), 'Objects.', { value: 10 }),
        percent: defaulted(integer(0, 100), 'Percent of the objects that the app owns in the cluster.', { value: 20 }),
      },
      'Deletions that need no approval: the larger of both.',
    ),
    confirm: defaulted(list(kind), 'Kinds whose deletion always waits for an approval.', { value: CONFIRMED_KINDS }),
  },
  'Deletions that may happen without asking.',
);
