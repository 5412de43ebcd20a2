import type { JsonObject } from '../../json/index.js';
import type { Requirement, Selector } from '../../selectors/index.js';
import { labelKeyError, labelValueError, parseSelector, printSelector } from '../../selectors/index.js';
import type { ClusterChoice } from '../cluster-choice.js';
import type { DefinitionKind } from '../definition.js';
import type { YamlNode } from '../yaml-node.js';
import { list, mapOf } from './collection-types.js';
import type { FieldType } from './field-type.js';
import type { ValuesOf } from './object-type.js';
import { defaulted, object, optional, refined, required } from './object-type.js';
import type { Reading } from './reading.js';
import { name, oneOf, text } from './scalar-types.js';

/** The name of another definition. */
export function referenceTo(kind: DefinitionKind): FieldType<string> {
  const refer = (value: string, node: YamlNode, at: Reading): string => {
    at.refer(kind, value, node);
    return value;
  };
  return refined(name, refer, { label: `${kind} name` });
}

const labelKey = text({ label: 'label key', error: labelKeyError });
const labelValue = text({ label: 'label value', error: labelValueError, empty: true });

/** Labels as Kubernetes has them. */
export const labels: FieldType<Readonly<Record<string, string>>> = mapOf(labelValue, {
  label: 'labels',
  keyError: labelKeyError,
});

const expressionFields = {
  key: required(labelKey, 'Label key.'),
  operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), 'What to compare.'),
  values: defaulted(list(labelValue), 'Values of In and NotIn.', { value: [] }),
};

const labelSelector = object({
  matchLabels: defaulted(labels, 'Labels that must be equal.', { value: {} }),
  matchExpressions: defaulted(list(object(expressionFields)), 'Further conditions.', { value: [] }),
});

const EMPTY_HINT = 'Say which clusters, or write all: true where every cluster is meant.';

/** kubectl's label-selector syntax, or a LabelSelector object. */
export const selector: FieldType<Selector> = {
  label: 'selector',
  schema: { oneOf: [{ type: 'string', minLength: 1 }, labelSelector.schema] },
  read(node, at): Selector | undefined {
    if (node.type === 'map') return selectorOfObject(node, at);
    if (node.type === 'scalar' && typeof node.value === 'string') return selectorOfText(node.value, node, at);
    if (node.type === 'scalar' && node.value === null) return emptySelector(node, at);
    return at.wrongType(node, 'a selector', 'Write it like env=prod,region in (eu,us).');
  },
};

function emptySelector(node: YamlNode, at: Reading): undefined {
  at.error({ code: 'emptySelector', spot: node.spot, message: 'the selector is empty', hint: EMPTY_HINT });
  return undefined;
}

function selectorOfText(value: string, node: YamlNode, at: Reading): Selector | undefined {
  if (value.trim() === '') return emptySelector(node, at);
  const result = parseSelector(value);
  if (result.ok) return result.selector;
  const { column, message } = result.error;
  return at.invalid(node, `at character ${column}: ${message}`, 'Write it like env=prod,region in (eu,us),!legacy.');
}

function selectorOfObject(node: YamlNode, at: Reading): Selector | undefined {
  const value = labelSelector.read(node, at);
  if (value === undefined) return undefined;
  const equal = Object.entries(value.matchLabels).map(([key, wanted]) => ({
    op: 'in' as const,
    key,
    values: [wanted],
  }));
  const further = value.matchExpressions.map((item, index) =>
    requirementOf(item, node, at.member('matchExpressions').item(index)),
  );
  const requirements = [...equal, ...further.filter((item) => item !== undefined)];
  if (further.includes(undefined)) return undefined;
  if (requirements.length === 0) return emptySelector(node, at);
  return { text: printSelector(requirements), requirements };
}

function requirementOf(item: ValuesOf<typeof expressionFields>, node: YamlNode, at: Reading): Requirement | undefined {
  const { key, operator, values } = item;
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues !== values.length > 0) {
    const message = takesValues ? `${operator} needs values` : `${operator} takes no values`;
    return at.invalid(node, message, takesValues ? 'Add values: [...].' : 'Remove values.');
  }
  if (!takesValues) return { op: operator === 'Exists' ? 'exists' : 'notExists', key };
  return { op: operator === 'In' ? 'in' : 'notIn', key, values: [...new Set(values)].sort() };
}

const clusterNames = refined(list(name), (names, node, at): readonly string[] | undefined => {
  if (names.length > 0) return names;
  at.error({ code: 'emptySelector', spot: node.spot, message: 'the list of clusters is empty', hint: EMPTY_HINT });
  return undefined;
});

const literalTrue: FieldType<true> = {
  label: '`true`',
  schema: { const: true },
  read(node, at): true | undefined {
    if (node.type === 'scalar' && node.value === true) return true;
    return at.wrongType(node, 'true', 'Write all: true, or remove the field.');
  },
};

/** The four ways to choose clusters, for maps that hold other fields beside them. */
export const choiceFields = {
  selector: optional(selector, 'Clusters whose labels match.'),
  group: optional(referenceTo('ClusterGroup'), 'Clusters of a group.'),
  clusters: optional(clusterNames, 'Clusters by name.'),
  all: optional(literalTrue, 'Every cluster.'),
};

type ChoiceValues = ValuesOf<typeof choiceFields>;

/** The choice that a map holds; several are a problem, none is undefined. */
export function choiceOf(values: ChoiceValues, node: YamlNode, at: Reading): ClusterChoice | undefined {
  const choices = choicesOf(values);
  if (choices.length > 1) {
    const fields = choices.map((choice) => choice.by).join(' and ');
    at.invalid(
      node,
      `${fields} cannot stand together`,
      'Choose clusters in one way; several entries of a list add up.',
    );
  }
  return choices[0];
}

/** The choice that a map must hold. */
export function neededChoice(values: ChoiceValues, node: YamlNode, at: Reading): ClusterChoice | undefined {
  const choice = choiceOf(values, node, at);
  if (choice === undefined) {
    at.error({ code: 'emptySelector', spot: node.spot, message: 'no clusters are chosen', hint: EMPTY_HINT });
  }
  return choice;
}

function choicesOf(values: ChoiceValues): ClusterChoice[] {
  return [
    ...(values.selector === undefined ? [] : [{ by: 'selector' as const, selector: values.selector }]),
    ...(values.group === undefined ? [] : [{ by: 'group' as const, group: values.group }]),
    ...(values.clusters === undefined ? [] : [{ by: 'clusters' as const, clusters: values.clusters }]),
    ...(values.all === undefined ? [] : [{ by: 'all' as const }]),
  ];
}

const ONE: JsonObject = { minProperties: 1, maxProperties: 1 };

/** A map that chooses clusters in one way. */
export const clusterChoice: FieldType<ClusterChoice> = refined(object(choiceFields), neededChoice, {
  label: 'cluster choice',
  schema: ONE,
  opaque: true,
});
