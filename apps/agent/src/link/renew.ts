import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import type { wireJoin } from '@flotilla/protocol';
import type { Identity, IdentityStore } from '../store/identity.js';
import { certificateRequest, toPem } from './certificate-request.js';
import type { AgentClient } from './channel.js';
import { call, openJoinChannel } from './channel.js';
import { certificateFor, pendingKey } from './enrol.js';

const TIMEOUT_MS = 15_000;

/** When a certificate is to be renewed: at two thirds of its life, earlier by up to a tenth of it. @param random 0 to 1 */
export function renewAt(certificate: string, random: number): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + (to - from) * (2 / 3 - random / 10);
}

export function isExpired(certificate: string, now: number): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) <= now;
}

/** Asks for the next certificate over the present session's channel, for a new key, and stores both. @throws Fault */
export async function renew(client: AgentClient, identity: Identity, store: IdentityStore): Promise<Identity> {
  const key = await pendingKey(store);
  const request = { csr: certificateRequest(key) };
  const deadline = { deadline: Date.now() + TIMEOUT_MS };
  const answer = await call<wireJoin.RenewExpiredResponse>((done) =>
    client.renew(request, new Metadata(), deadline, done),
  );
  return keep(answer, { key, identity, store });
}

/** The same after the certificate has expired: over the join listener, proving possession of the old key. @throws Fault */
export async function renewExpired(joinAddress: string, identity: Identity, store: IdentityStore): Promise<Identity> {
  const key = await pendingKey(store);
  const csr = certificateRequest(key);
  const client = openJoinChannel(joinAddress, identity.trust);
  const certificate = Buffer.from(new X509Certificate(identity.certificate).raw);
  const proof = sign('sha256', csr, createPrivateKey(identity.key));
  const deadline = { deadline: Date.now() + TIMEOUT_MS };
  try {
    const answer = await call<wireJoin.RenewExpiredResponse>((done) =>
      client.renewExpired({ certificate, csr, proof }, new Metadata(), deadline, done),
    );
    return await keep(answer, { key, identity, store });
  } finally {
    client.close();
  }
}

async function keep(
  answer: wireJoin.RenewExpiredResponse,
  { key, identity, store }: { key: string; identity: Identity; store: IdentityStore },
): Promise<Identity> {
  const next: Identity = {
    ...identity,
    key,
    certificate: certificateFor(key, answer.certificate),
    trust: answer.trust === undefined ? identity.trust : toPem(answer.trust.authorities),
  };
  await store.save(next);
  return next;
}
