// The certificate library's container needs it.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import type { Digest } from '@flotilla/domain';
import { Fault, sha256Hex } from '@flotilla/domain';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks of clusters differ: a certificate is valid a little before it was made. */
const CLOCK_SKEW_MS = 10 * 60_000;
const AUTHORITY_DAYS = 3_650;
const AGENT_DAYS = 90;
const SERVING_DAYS = 90;
/** How long after its expiry a present certificate may still be renewed. */
export const RENEWABLE_AFTER_EXPIRY_MS = 180 * DAY_MS;

type PrivateKey = webcrypto.CryptoKey;

/** A certificate authority that can sign. */
export interface Authority {
  /** DER. */
  readonly certificate: Buffer;
  readonly key: PrivateKey;
  /** What everything that it signs carries. */
  readonly issuer: Name;
  readonly keyIdentifier: AuthorityKeyIdentifierExtension;
}

export interface IssuedCertificate {
  /** Lower-case hex. */
  readonly serial: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly notAfter: Date;
}

/** Certificate and key of a listener, PEM. */
export interface ServingCertificate {
  /** With its authority's: an agent that joins knows that one by its pin only. */
  readonly certificate: string;
  readonly key: string;
}

/** A new authority: its certificate (DER) and private key (PKCS#8, to be sealed). */
export async function createAuthority(now: Date): Promise<{ certificate: Buffer; privateKey: Buffer }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: 'CN=Flotilla hub',
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificate: Buffer.from(certificate.rawData), privateKey };
}

export async function openAuthority(certificate: Buffer, privateKey: Buffer): Promise<Authority> {
  const own = new X509Certificate(certificate);
  return {
    certificate,
    key: await webcrypto.subtle.importKey('pkcs8', privateKey, ALGORITHM, false, ['sign']),
    issuer: own.subjectName,
    keyIdentifier: await AuthorityKeyIdentifierExtension.create(own.publicKey),
  };
}

/** What a join token pins: SHA-256 over the authority's public key, base64url. */
export function pinOfAuthority(certificate: Buffer): string {
  const key = new X509Certificate(certificate).publicKey.rawData;
  return Buffer.from(sha256Hex(new Uint8Array(key)), 'hex').toString('base64url');
}

/** The public key of a certificate request: nothing else of it is used. */
export interface RequestedKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly hash: Digest;
}

/** @throws Fault badInput unless the request is sound, signed by its own key, and that key is ECDSA P-256. */
export async function readCertificateRequest(csr: Uint8Array): Promise<RequestedKey> {
  const sound = await parseRequest(csr).catch(() => undefined);
  if (!sound) throw new Fault('badInput', 'the certificate request is no PKCS#10 signed by an ECDSA P-256 key');
  return sound;
}

async function parseRequest(csr: Uint8Array): Promise<RequestedKey | undefined> {
  const request = new Pkcs10CertificateRequest(new Uint8Array(csr));
  const algorithm = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== ALGORITHM.namedCurve) return undefined;
  if (!(await request.verify())) return undefined;
  const spki = Buffer.from(request.publicKey.rawData);
  return { spki, hash: sha256Hex(spki) };
}

/** URI that names a cluster in its certificate. */
export function clusterUri(uid: string): string {
  return `flotilla://cluster/${uid}`;
}

/** Gives a cluster its certificate: the hub sets name, purpose and lifetime, whatever was asked for. */
export async function issueAgentCertificate(
  authority: Authority,
  { spki, uid, now }: { spki: Buffer; uid: string; now: Date },
): Promise<IssuedCertificate> {
  const serial = newSerial();
  const times = validity(now, AGENT_DAYS);
  const publicKey = await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']);
  const certificate = await sign(authority, {
    serial,
    subject: `CN=${uid}`,
    publicKey,
    times,
    usage: ExtendedKeyUsage.clientAuth,
    names: [{ type: 'url', value: clusterUri(uid) }],
  });
  return { serial, certificate, notAfter: times.notAfter };
}

/** A key and certificate for the hub's listeners, for names and addresses. */
export async function issueServingCertificate(
  authority: Authority,
  hosts: readonly string[],
  now: Date,
): Promise<ServingCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await sign(authority, {
    serial: newSerial(),
    subject: 'CN=flotilla-hub',
    publicKey: keys.publicKey,
    times: validity(now, SERVING_DAYS),
    usage: ExtendedKeyUsage.serverAuth,
    names: hosts.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const chain = [certificate, authority.certificate].map((der) => pem('CERTIFICATE', der));
  return { certificate: chain.join(''), key: pem('PRIVATE KEY', pkcs8) };
}

interface Order {
  readonly serial: string;
  readonly subject: string;
  readonly publicKey: PrivateKey;
  readonly times: { readonly notBefore: Date; readonly notAfter: Date };
  readonly usage: ExtendedKeyUsage;
  readonly names: readonly { type: 'url' | 'dns' | 'ip'; value: string }[];
}

async function sign(authority: Authority, order: Order): Promise<Buffer> {
  const certificate = await X509CertificateGenerator.create({
    serialNumber: order.serial,
    subject: order.subject,
    issuer: authority.issuer,
    ...order.times,
    publicKey: order.publicKey,
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([order.usage]),
      new SubjectAlternativeNameExtension([...order.names]),
      authority.keyIdentifier,
    ],
  });
  return Buffer.from(certificate.rawData);
}

/** 16 random bytes, positive, without a leading zero: printed the same by every library. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex');
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  const at = now.getTime();
  return { notBefore: new Date(at - CLOCK_SKEW_MS), notAfter: new Date(at + days * DAY_MS) };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}

/** Text form of DER, as TLS takes it. */
export function pem(label: 'CERTIFICATE' | 'PRIVATE KEY', der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
