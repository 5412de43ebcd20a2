import { expect, it } from 'vitest';
import { printCount, printLoud, printReason, shortenMessage } from './words.js';

it('keeps the end of a wrapped error, where it says what was wrong', () => {
  const wrapped =
    'Back-off pulling image "registry.example/web:1.5.O": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/web:1.5.O": registry.example/web:1.5.O: not found';
  expect(shortenMessage(wrapped)).toBe('registry.example/web:1.5.O: not found');
  expect(shortenMessage('short: as it is')).toBe('short: as it is');
  expect(shortenMessage('x'.repeat(500))).toHaveLength(121);
});

it('quotes a message once', () => {
  expect(printReason({ code: 'Failed', message: 'no' })).toBe('Failed  "no"');
  expect(printReason({ code: 'Failed', message: 'not "a"' })).toBe('Failed  not "a"');
  expect(printReason({ code: 'Failed', message: '' })).toBe('Failed');
});

it('counts and shouts', () => {
  expect([printCount(1, 'target'), printCount(0, 'target')]).toEqual(['1 target', '0 targets']);
  expect(printLoud('rolledBack')).toBe('ROLLED BACK');
});
