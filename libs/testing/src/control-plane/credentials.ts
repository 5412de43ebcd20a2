import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority } from '../cluster-api/access/authority.js';
import { renderKubeconfig } from '../cluster-api/access/kubeconfig.js';

/** Users that the API server knows from its start, and their groups. */
const USERS = {
  admin: 'system:masters',
  'system:kube-controller-manager': '',
  'system:kube-scheduler': '',
  kwok: 'system:masters',
} as const;
export type BuiltInUser = keyof typeof USERS;

export interface Credentials {
  readonly authority: Authority;
  readonly token: string;
  /** Kubeconfig files of the components. */
  readonly kubeconfigs: Readonly<Record<BuiltInUser, string>>;
  readonly files: Readonly<Record<CredentialFile, string>>;
}

type CredentialFile = 'caCert' | 'caKey' | 'serverCert' | 'serverKey' | 'accountKey' | 'accountPublicKey' | 'tokens';

/** Makes the keys, certificates and tokens of one control plane as files of that folder. */
export async function makeCredentials(folder: string, server: { name: string; url: string }): Promise<Credentials> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await Authority.create(server.name);
  const serving = await authority.issueServing();
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const tokens = new Map(
    Object.keys(USERS).map((user) => [user as BuiltInUser, randomBytes(24).toString('base64url')]),
  );
  const keep = keeper(folder);
  const files = {
    caCert: await keep('ca.crt', authority.pair.cert),
    caKey: await keep('ca.key', authority.pair.key),
    serverCert: await keep('server.crt', serving.cert),
    serverKey: await keep('server.key', serving.key),
    accountKey: await keep('account.key', account.privateKey),
    accountPublicKey: await keep('account.pub', account.publicKey),
    tokens: await keep('tokens.csv', tokensCsv(tokens)),
  };
  const cluster = { ...server, caPem: authority.pair.cert };
  const kubeconfigs = Object.fromEntries(
    await Promise.all(
      [...tokens].map(async ([user, token]) => {
        const file = `${user.replace('system:', '')}.kubeconfig`;
        return [user, await keep(file, renderKubeconfig(cluster, { token }))];
      }),
    ),
  ) as Record<BuiltInUser, string>;
  return { authority, token: tokens.get('admin') ?? '', kubeconfigs, files };
}

function keeper(folder: string): (name: string, content: string) => Promise<string> {
  return async (name, content) => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
}

function tokensCsv(tokens: ReadonlyMap<BuiltInUser, string>): string {
  return [...tokens].map(([user, token]) => `${token},${user},${user},"${USERS[user]}"\n`).join('');
}
