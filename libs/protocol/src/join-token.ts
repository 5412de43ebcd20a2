import { createHash, X509Certificate } from 'node:crypto';
import { Fault } from '@flotilla/domain';

const FORMAT = 'flt1';
const PART = /^[A-Za-z0-9_-]+$/;

/** A join token in its parts: what names it, what proves it, and what the hub must prove first. */
export interface JoinToken {
  readonly id: string;
  readonly secret: string;
  /** SHA-256 of the CA's public key (SubjectPublicKeyInfo, DER), base64url. Only the agent reads it. */
  readonly pin: string;
}

/** `flt1.<id>.<secret>.<pin>`, as `flotilla cluster join` prints it. */
export function printJoinToken(token: JoinToken): string {
  return [FORMAT, token.id, token.secret, token.pin].join('.');
}

/** @throws Fault badInput that does not repeat the token. */
export function parseJoinToken(text: string): JoinToken {
  const [format, id = '', secret = '', pin = '', ...more] = text.trim().split('.');
  const sound = format === FORMAT && more.length === 0 && [id, secret, pin].every((part) => PART.test(part));
  if (!sound || Buffer.from(pin, 'base64url').length !== 32) {
    throw new Fault('badInput', 'the join token is not complete', 'Print a new one with `flotilla cluster join NAME`.');
  }
  return { id, secret, pin };
}

/** What goes to the hub: the token without the pin. */
export function tokenForHub(token: JoinToken): string {
  return [FORMAT, token.id, token.secret].join('.');
}

/** Reads what `tokenForHub` made. @throws Fault badInput that does not repeat the token. */
export function parseTokenForHub(text: string): Pick<JoinToken, 'id' | 'secret'> {
  const [format, id = '', secret = '', ...more] = text.split('.');
  if (format !== FORMAT || more.length > 0 || !PART.test(id) || !PART.test(secret)) {
    throw new Fault('badInput', 'malformed join token');
  }
  return { id, secret };
}

/** Pin of a CA: SHA-256 over its public key, so that it outlives a renewed CA certificate. @param certificate DER or PEM. */
export function pinOf(certificate: Uint8Array): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64url');
}
