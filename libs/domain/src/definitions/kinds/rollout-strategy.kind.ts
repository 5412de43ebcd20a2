import type { StrategyDefinition, Wave } from '../definition.js';
import { DEFAULT_STRATEGY } from '../definition.js';
import { choiceFields, choiceOf, referenceTo } from '../fields/cluster-types.js';
import { list } from '../fields/collection-types.js';
import { defaulted, object, refined, required, section } from '../fields/object-type.js';
import { amount, duration } from '../fields/quantity-types.js';
import { name, oneOf } from '../fields/scalar-types.js';
import type { DocumentContext, KindRule } from './kind-rule.js';
import { defineKind, spotOf } from './kind-rule.js';

const DAY = 86_400_000;

const waveFields = {
  name: required(name, 'Name of the wave.'),
  ...choiceFields,
  soak: defaulted(duration(0, 30 * DAY), 'How long it must stay healthy before the next wave.', {
    value: 0,
    fallback: '`0s`',
  }),
  approval: defaulted(oneOf('none', 'required'), 'Whether someone must approve before the wave begins.', {
    value: 'none',
  }),
  maxConcurrent: defaulted(amount(1), 'Targets that may be on their way at once.', {
    value: { percent: 25 },
    fallback: '`25%`',
  }),
  maxFailures: defaulted(amount(0), 'Targets that may fail.', { value: { count: 0 }, fallback: '`0`' }),
  windows: defaulted(list(referenceTo('Window')), 'Windows that must be open for the wave to begin.', { value: [] }),
};

const wave = refined(object(waveFields), (values, node, at): Wave => {
  const { selector: _selector, group: _group, clusters: _clusters, all: _all, soak, ...rest } = values;
  const choice = choiceOf(values, node, at);
  return { ...rest, soakMs: soak, ...(choice === undefined ? {} : { choice }) };
});

const spec = {
  waves: required(
    list(wave, { min: 1 }),
    'Waves in their order; a wave that chooses no clusters takes every remaining target.',
  ),
  deadline: defaulted(duration(1000, 7 * DAY), 'Time a target has to become healthy.', {
    value: DEFAULT_STRATEGY.deadlineMs,
    fallback: '`15m`',
  }),
  onFailure: section(
    {
      do: defaulted(oneOf('halt', 'rollback'), 'Leave things as they are, or go back.', { value: 'halt' }),
      scope: defaulted(oneOf('wave', 'all'), 'Which targets go back.', { value: 'wave' }),
    },
    'What happens beyond maxFailures.',
  ),
  offline: defaulted(oneOf('catchUp', 'wait', 'fail'), 'What a silent target does to its wave.', { value: 'catchUp' }),
  minHealthy: defaulted(amount(1), 'Targets of a wave that must be seen healthy for it to be done.', {
    value: DEFAULT_STRATEGY.minHealthy,
    fallback: '`50%`',
  }),
};

export const rolloutStrategyKind: KindRule = defineKind({
  kind: 'RolloutStrategy',
  doc: 'How a release moves through the targets of an app, wave by wave.',
  inProjects: true,
  spec: required(object(spec), 'Waves and limits.'),
  build(head, { deadline, ...values }, context): StrategyDefinition {
    checkWaves(values.waves, context);
    return { kind: 'RolloutStrategy', ...head, ...values, deadlineMs: deadline };
  },
});

function checkWaves(waves: readonly Wave[], context: DocumentContext): void {
  const at = context.at.member('spec').member('waves');
  const names = waves.map((item) => item.name);
  const spot = spotOf(context, 'waves');
  for (const [index, item] of waves.entries()) {
    if (names.indexOf(item.name) !== index) {
      const message = `two waves are called "${item.name}"`;
      at.item(index).error({ code: 'invalidValue', spot, message, hint: 'Give each wave its own name.' });
    }
    if (item.choice === undefined && index < waves.length - 1) {
      const message = `the wave "${item.name}" takes every remaining target, so nothing is left for the next`;
      at.item(index).error({ code: 'invalidValue', spot, message, hint: 'Choose its clusters, or put it last.' });
    }
  }
}
