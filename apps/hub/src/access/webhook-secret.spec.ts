import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { knowsSecret } from './webhook-secret.js';

const SECRET = 'correct horse';
const BODY = Buffer.from('{"ref": "refs/heads/main"}');
const signed = (secret: string): string => createHmac('sha256', secret).update(BODY).digest('hex');

it.each([
  ['GitHub', { 'x-hub-signature-256': `sha256=${signed(SECRET)}` }, true],
  ['Gitea', { 'x-gitea-signature': signed(SECRET) }, true],
  ['GitLab', { 'x-gitlab-token': SECRET }, true],
  ['another secret', { 'x-hub-signature-256': `sha256=${signed('wrong')}` }, false],
  ['another token', { 'x-gitlab-token': 'wrong' }, false],
  ['two tokens', { 'x-gitlab-token': [SECRET, SECRET] }, false],
  ['an empty token', { 'x-gitlab-token': '' }, false],
  ['a signature of an older kind', { 'x-hub-signature': `sha1=${signed(SECRET)}` }, false],
  ['nothing', {}, false],
])('%s', (_, headers, known) => expect(knowsSecret(SECRET, headers, BODY)).toBe(known));

it('is about the body that came', () => {
  const headers = { 'x-hub-signature-256': `sha256=${signed(SECRET)}` };
  expect(knowsSecret(SECRET, headers, Buffer.from('{}'))).toBe(false);
});
