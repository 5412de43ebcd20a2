import { stringify } from 'yaml';
import type { KeyPair } from './authority.js';

export type Credential = { readonly token: string } | KeyPair;

/** A kubeconfig with one context, complete in itself. */
export function renderKubeconfig(
  cluster: { name: string; url: string; caPem: string },
  credential: Credential,
): string {
  const { name } = cluster;
  const user =
    'token' in credential
      ? { token: credential.token }
      : { 'client-certificate-data': base64(credential.cert), 'client-key-data': base64(credential.key) };
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority-data': base64(cluster.caPem) } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
