import 'reflect-metadata';
import { X509Certificate, createHash, webcrypto } from 'node:crypto';
import { pinOf } from '@flotilla/protocol';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import {
  createAuthority,
  issueAgentCertificate,
  issueServingCertificate,
  openAuthority,
  pinOfAuthority,
  readCertificateRequest,
} from './certificates.js';
import { readExpiredIdentity, readIdentity } from './read-identity.js';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NOW = new Date('2026-11-25T00:00:00Z');
const DAY = 86_400_000;
const UID = '3e6c0b0a-0000-4000-8000-000000000001';

async function authority() {
  const { certificate, privateKey } = await createAuthority(NOW);
  return openAuthority(certificate, privateKey);
}

async function keysAndRequest(algorithm: object = EC) {
  const keys = await webcrypto.subtle.generateKey(algorithm as never, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=admin,O=system:masters',
    keys,
    signingAlgorithm: algorithm as never,
  });
  return { keys, csr: Buffer.from(request.rawData) };
}

describe('an agent certificate', () => {
  it('says what the hub says, whatever was asked for', async () => {
    const ca = await authority();
    const { csr } = await keysAndRequest();
    const { spki, hash } = await readCertificateRequest(csr);
    const issued = await issueAgentCertificate(ca, { spki, uid: UID, now: NOW });
    const certificate = new X509Certificate(issued.certificate);
    expect(certificate.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
    expect(certificate.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
    expect(certificate.subject).toBe(`CN=${UID}`);
    expect(certificate.subjectAltName).toBe(`URI:flotilla://cluster/${UID}`);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    expect(Date.parse(certificate.validTo) - NOW.getTime()).toBe(90 * DAY);
    expect(certificate.publicKey.export({ type: 'spki', format: 'der' })).toEqual(spki);
    expect(createHash('sha256').update(spki).digest('hex')).toBe(hash);
    const named = { subjectaltname: certificate.subjectAltName, serialNumber: certificate.serialNumber };
    expect(readIdentity(named)).toEqual({ clusterUid: UID, serial: issued.serial });
  });

  it('is given for sound ECDSA P-256 requests only', async () => {
    const { csr } = await keysAndRequest();
    const changed = Buffer.from(csr);
    changed[changed.length - 1]! ^= 1;
    const other = await keysAndRequest({ ...EC, namedCurve: 'P-384', hash: 'SHA-384' });
    for (const bad of [changed, other.csr, Buffer.alloc(0), Buffer.from('x')]) {
      await expect(readCertificateRequest(bad)).rejects.toThrow('no PKCS#10 signed by an ECDSA P-256 key');
    }
  });
});

describe('readIdentity', () => {
  it.each([
    undefined,
    '',
    'DNS:flotilla',
    `URI:flotilla://cluster/${UID}, DNS:x`,
    `URI:flotilla://cluster/${UID}/x`,
    'URI:flotilla://cluster/',
  ])('knows no cluster in %s', (subjectaltname) => {
    expect(readIdentity({ subjectaltname, serialNumber: '01' })).toBeUndefined();
  });
});

describe('the pin', () => {
  it('is what agents compute', async () => {
    const { certificate } = await createAuthority(NOW);
    expect(pinOfAuthority(certificate)).toBe(pinOf(certificate));
  });
});

describe('a serving certificate', () => {
  it('comes with its authority and names hosts and addresses', async () => {
    const ca = await authority();
    const { certificate } = await issueServingCertificate(ca, ['hub.acme.example', '127.0.0.1', '::1'], NOW);
    const leaf = new X509Certificate(certificate);
    expect(leaf.checkHost('hub.acme.example')).toBe('hub.acme.example');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkIP('::1')).toBe('::1');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

describe('readExpiredIdentity', () => {
  async function expired() {
    const ca = await authority();
    const { keys, csr } = await keysAndRequest();
    const { spki } = await readCertificateRequest(csr);
    const { certificate, serial } = await issueAgentCertificate(ca, { spki, uid: UID, now: NOW });
    const p1363 = Buffer.from(await webcrypto.subtle.sign(EC, keys.privateKey, csr));
    return { ca, given: { certificate, csr, proof: toDer(p1363) }, serial };
  }

  it('takes a certificate up to 180 days after its end, with proof of its key', async () => {
    const { ca, given, serial } = await expired();
    const at = (days: number): Date => new Date(NOW.getTime() + days * DAY);
    expect(readExpiredIdentity(given, ca.certificate, at(90 + 179))).toEqual({ clusterUid: UID, serial });
    expect(() => readExpiredIdentity(given, ca.certificate, at(90 + 181))).toThrow('expired too long ago');
  });

  it('refuses a foreign authority, another key, and what is no certificate', async () => {
    const { ca, given } = await expired();
    const foreign = await authority();
    expect(() => readExpiredIdentity(given, foreign.certificate, NOW)).toThrow('not issued by this hub');
    const other = await keysAndRequest();
    expect(() => readExpiredIdentity({ ...given, csr: other.csr }, ca.certificate, NOW)).toThrow(
      'not signed by the key',
    );
    expect(() => readExpiredIdentity({ ...given, certificate: Buffer.from('x') }, ca.certificate, NOW)).toThrow(
      'not issued by this hub',
    );
  });
});

/** WebCrypto signs as two numbers side by side, X.509 as a sequence of them. */
function toDer(p1363: Buffer): Buffer {
  const integer = (bytes: Buffer): Buffer => {
    let start = 0;
    while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
    const value = bytes.subarray(start);
    const padded = (value[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value;
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  };
  const body = Buffer.concat([integer(p1363.subarray(0, 32)), integer(p1363.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
