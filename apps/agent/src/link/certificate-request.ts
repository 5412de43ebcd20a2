import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** A new P-256 key, PKCS#8 PEM. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const BIT_STRING = 0x03;
const ATTRIBUTES = 0xa0;
const VERSION_1 = Buffer.from([0x02, 0x01, 0x00]);
const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
const ECDSA_WITH_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/**
 * A certificate request (PKCS#10, DER) for a P-256 key. The hub uses its public key only; the signature proves that the
 * caller has the private one. Written out here because the libraries for it cost an agent several MiB.
 */
export function certificateRequest(key: string): Buffer {
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8_STRING, Buffer.from('flotilla-agent')))),
  );
  const info = der(SEQUENCE, VERSION_1, name, publicKey, der(ATTRIBUTES));
  const signature = sign('sha256', info, privateKey);
  const algorithm = der(SEQUENCE, der(OID, ECDSA_WITH_SHA256));
  return der(SEQUENCE, info, algorithm, der(BIT_STRING, Buffer.from([0]), signature));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...derLength(body.length)]), body]);
}

function derLength(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

/** DER certificates as PEM, one after the other. */
export function toPem(certificates: readonly Uint8Array[]): string {
  return certificates.map(pemOf).join('');
}

function pemOf(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
