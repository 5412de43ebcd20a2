import type { SourceDefinition, SourceRef } from '../definition.js';
import { list } from '../fields/collection-types.js';
import { defaulted, object, optional, refined, required, section } from '../fields/object-type.js';
import { duration } from '../fields/quantity-types.js';
import { boolean, name, text } from '../fields/scalar-types.js';
import type { KindRule } from './kind-rule.js';
import { defineKind } from './kind-rule.js';

const URL_FORM = /^(https?|ssh|git|file):\/\/[^\s]+$/;
const SCP_FORM = /^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s:]+$/;

function urlError(value: string): string | undefined {
  if (!URL_FORM.test(value) && !SCP_FORM.test(value)) return 'must be a Git URL';
  return /^https?:\/\/[^/]*@/.test(value) ? 'must not hold credentials' : undefined;
}

const url = text({
  label: 'URL',
  error: urlError,
  hint: 'Write it like https://git.example/apps; credentials are named in "credentials".',
});

function refError(value: string): string | undefined {
  const broken = value.startsWith('-') || value.includes('..') || /[\s~^:?*[\\]/.test(value);
  return broken ? `"${value}" is not a Git ref` : undefined;
}

function commitError(value: string): string | undefined {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? undefined : `"${value}" is not a full commit id`;
}

const refObject = object({
  branch: optional(text({ label: 'branch', error: refError }), 'Branch to follow.'),
  tag: optional(text({ label: 'tag', error: refError }), 'Tag to stay at.'),
  commit: optional(text({ label: 'commit id', error: commitError }), 'Commit to stay at, in full.'),
});

const ref = refined(refObject, (values, node, at): SourceRef | undefined => {
  const given = Object.entries(values);
  const [first] = given;
  if (first !== undefined && given.length === 1) return { [first[0]]: first[1] } as unknown as SourceRef;
  return at.invalid(node, 'needs exactly one of branch, tag and commit', 'Write ref: {branch: main}.');
});

const spec = {
  url: required(url, 'URL of the repository, without credentials.'),
  ref: defaulted(ref, 'What to follow.', { value: { branch: 'main' }, fallback: '`{branch: main}`' }),
  credentials: optional(name, "Name of credentials in the hub's own configuration.", 'none'),
  interval: defaulted(duration(1000, 86_400_000), 'How often to look, besides webhooks.', {
    value: 30_000,
    fallback: '`30s`',
  }),
  verify: section(
    {
      keys: defaulted(list(text({ label: 'public key' })), 'Keys of which one must have signed the commit.', {
        value: [],
      }),
    },
    'Signatures of commits.',
  ),
  strict: defaulted(boolean, 'Whether any problem of a revision freezes all of it.', { value: false }),
};

export const sourceKind: KindRule = defineKind({
  kind: 'Source',
  doc: 'A Git repository and ref that content comes from.',
  inProjects: false,
  spec: required(object(spec), 'Which repository.'),
  build(head, { interval, verify, ...values }): SourceDefinition {
    return { kind: 'Source', ...head, ...values, intervalMs: interval, verifyKeys: verify.keys };
  },
});
