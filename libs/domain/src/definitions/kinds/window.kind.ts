import { CronPattern } from 'croner';
import type { WindowDefinition, WindowSpan } from '../definition.js';
import { list } from '../fields/collection-types.js';
import { selector } from '../fields/cluster-types.js';
import { defaulted, object, optional, refined, required } from '../fields/object-type.js';
import { duration } from '../fields/quantity-types.js';
import { name, text } from '../fields/scalar-types.js';
import type { KindRule } from './kind-rule.js';
import { defineKind, spotOf } from './kind-rule.js';

function cronError(value: string): string | undefined {
  if (value.trim().split(/\s+/).length !== 5) return `"${value}" is not a cron text with five fields`;
  try {
    new CronPattern(value);
    return undefined;
  } catch (error) {
    return `"${value}" is not a cron text: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function zoneError(value: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return undefined;
  } catch {
    return `"${value}" is not a time zone`;
  }
}

const spanFields = {
  cron: required(
    text({ label: 'cron text', error: cronError, hint: 'Write it like "0 9 * * 1-5".' }),
    'When it opens.',
  ),
  duration: required(duration(60_000, 31 * 86_400_000), 'How long it stays open.'),
  timeZone: defaulted(
    text({ label: 'time zone', error: zoneError, hint: 'Write it like Europe/Berlin.' }),
    'Time zone of the cron text.',
    {
      value: 'UTC',
    },
  ),
};

const span = refined(object(spanFields), ({ duration: durationMs, ...rest }): WindowSpan => ({ ...rest, durationMs }));

const spec = {
  allow: defaulted(list(span), 'Times at which waves may begin.', { value: [] }),
  deny: defaulted(list(span), 'Times at which they may not; wins over `allow`.', { value: [] }),
  selector: optional(selector, 'Clusters it is about.', 'every cluster'),
  apps: defaulted(list(name), 'Apps it is about.', { value: [], fallback: 'every app' }),
};

export const windowKind: KindRule = defineKind({
  kind: 'Window',
  doc: 'Times at which waves may or may not begin.',
  inProjects: false,
  spec: required(object(spec), 'Times.'),
  build(head, values, context): WindowDefinition {
    if (values.allow.length + values.deny.length === 0) {
      const message = 'the window has neither allow nor deny';
      context.at
        .member('spec')
        .error({ code: 'missingField', spot: spotOf(context), message, hint: 'Add allow or deny.' });
    }
    return { kind: 'Window', ...head, ...values };
  },
});
