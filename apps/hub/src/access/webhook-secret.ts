import { createHmac, timingSafeEqual } from 'node:crypto';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Whether a call shows that its sender knows the webhook's secret: as GitHub, Gitea and Forgejo do (HMAC-SHA-256 over the
 * body), or as GitLab does (the secret itself).
 */
export function knowsSecret(secret: string, headers: Headers, body: Uint8Array): boolean {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const { 'x-gitlab-token': token, 'x-hub-signature-256': hub, 'x-gitea-signature': gitea } = headers;
  return same(token, secret) || same(hub, `sha256=${signature}`) || same(gitea, signature);
}

function same(given: string | readonly string[] | undefined, wanted: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [given, wanted].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
