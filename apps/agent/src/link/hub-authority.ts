import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import { connect, checkServerIdentity as checkStandard } from 'node:tls';
import { isIP } from 'node:net';
import { Fault } from '@flotilla/domain';
import { HUB_SERVER_NAME, pinOf } from '@flotilla/protocol';
import { toPem } from './certificate-request.js';

const TIMEOUT_MS = 10_000;

/** `host:port`, `[::1]:port`. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) };
}

/**
 * The hub's authority (PEM) as the listener presents it, when its key has the pin. Nothing is sent before that is known,
 * and what follows is verified against this certificate as usual.
 * @throws Fault unauthenticated when no certificate of the chain has the pin; unavailable when nobody answers.
 */
export async function fetchAuthority(address: string, pin: string): Promise<string> {
  const chain = await fetchChain(address);
  const authority = chain.find((certificate) => pinOf(certificate) === pin);
  if (authority !== undefined) return toPem([authority]);
  const hint = 'Either this is not the hub that issued the token, or something between terminates TLS.';
  throw new Fault('unauthenticated', `the server at ${address} does not have the key that the join token pins`, hint);
}

function fetchChain(address: string): Promise<Buffer[]> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    // Not verified here: the chain is only read, and compared with the pin.
    const servername = serverNameOf(address);
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'], servername });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Fault('unavailable', `the hub's join listener at ${address} cannot be reached: ${why}`));
    };
    socket.setTimeout(TIMEOUT_MS, () => fail('no answer'));
    socket.once('error', (error: Error) => fail(error.message));
    socket.once('secureConnect', () => {
      resolve(readChain(socket.getPeerCertificate(true)));
      socket.destroy();
    });
  });
}

function readChain(leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: DetailedPeerCertificate | undefined = leaf;
  while (certificate?.raw !== undefined && !chain.some((known) => known.equals(certificate?.raw as Buffer))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/**
 * Judges a verified server certificate: it is the hub's when it is for the host that was dialled, or carries the name that
 * every hub certificate has, so that a hub can be reached under any address that leads to it.
 */
export function serverIdentityCheck(
  address: string,
): (host: string, certificate: PeerCertificate) => Error | undefined {
  const { host } = splitAddress(address);
  return (_host, certificate) => {
    const names = (certificate.subjectaltname ?? '').split(', ');
    return names.includes(`DNS:${HUB_SERVER_NAME}`) ? undefined : checkStandard(host, certificate);
  };
}

/** The name to ask for in the TLS handshake: the host, or the hub's fixed name when the host is an IP address. */
export function serverNameOf(address: string): string {
  const { host } = splitAddress(address);
  return isIP(host) === 0 ? host : HUB_SERVER_NAME;
}
