import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { ServerCredentials } from '@grpc/grpc-js';
import { HUB_SERVER_NAME } from '@flotilla/protocol';
import * as x509 from '@peculiar/x509';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** OIDs of serverAuth and clientAuth. */
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** A certificate authority of a test. */
export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

export async function makeAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=test hub',
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      signingAlgorithm: EC,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    },
    webcrypto,
  );
  return { certificate, keys };
}

export interface Issue {
  readonly publicKey: x509.PublicKey | webcrypto.CryptoKey;
  readonly usage: 'server' | 'client';
  readonly names: x509.JsonGeneralNames;
  readonly lifeMs?: number;
}

export function issue(
  authority: Authority,
  { publicKey, usage, names, lifeMs = 3_600_000 }: Issue,
): Promise<x509.X509Certificate> {
  const purpose = USAGES[usage];
  return x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(8).toString('hex'),
      subject: 'CN=flotilla',
      issuer: authority.certificate.subject,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + lifeMs),
      signingAlgorithm: EC,
      publicKey,
      signingKey: authority.keys.privateKey,
      extensions: [new x509.ExtendedKeyUsageExtension([purpose]), new x509.SubjectAlternativeNameExtension(names)],
    },
    webcrypto,
  );
}

export async function serverPair(authority: Authority): Promise<{ key: string; certificate: x509.X509Certificate }> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const names: x509.JsonGeneralNames = [{ type: 'dns', value: HUB_SERVER_NAME }];
  const certificate = await issue(authority, { publicKey: keys.publicKey, usage: 'server', names });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, certificate };
}

export async function serverCredentials(authority: Authority, mutual: boolean): Promise<ServerCredentials> {
  const { key, certificate } = await serverPair(authority);
  const chain = [certificate, authority.certificate].map((one) => one.toString('pem')).join('\n');
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(chain) };
  return ServerCredentials.createSsl(
    mutual ? Buffer.from(authority.certificate.toString('pem')) : null,
    [pair],
    mutual,
  );
}
