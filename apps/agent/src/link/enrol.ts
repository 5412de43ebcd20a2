import { X509Certificate, createPrivateKey } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { Fault } from '@flotilla/domain';
import type { wireJoin } from '@flotilla/protocol';
import { parseJoinToken, tokenForHub } from '@flotilla/protocol';
import type { Identity, IdentityStore } from '../store/identity.js';
import { certificateRequest, makeKey, toPem } from './certificate-request.js';
import { call, openJoinChannel } from './channel.js';
import { fetchAuthority } from './hub-authority.js';

const TIMEOUT_MS = 15_000;

export interface Enrolment {
  /** host:port of a join listener. */
  readonly joinAddress: string;
  /** As `flotilla cluster join` printed it. */
  readonly token: string;
  readonly clusterUid: string;
  readonly agentVersion: string;
}

/**
 * Turns a join token into an identity and stores it. The hub proves itself by the token's pin before it is sent anything;
 * the key is stored before the hub hears of it, so that a lost answer can be asked for again.
 * @throws Fault with the hub's reason.
 */
export async function enrol(enrolment: Enrolment, store: IdentityStore): Promise<Identity> {
  const token = parseJoinToken(enrolment.token);
  const authority = await fetchAuthority(enrolment.joinAddress, token.pin);
  const key = await pendingKey(store);
  const answer = await ask(enrolment.joinAddress, authority, {
    token: tokenForHub(token),
    csr: certificateRequest(key),
    clusterUid: enrolment.clusterUid,
    agentVersion: enrolment.agentVersion,
  });
  const identity: Identity = {
    clusterId: answer.clusterId,
    clusterName: answer.clusterName,
    key,
    certificate: certificateFor(key, answer.certificate),
    trust: answer.trust === undefined ? authority : toPem(answer.trust.authorities),
    agentsAddress: answer.agentsAddress,
    joinTokenId: token.id,
  };
  await store.save(identity);
  return identity;
}

async function ask(address: string, trust: string, request: wireJoin.EnrollRequest): Promise<wireJoin.EnrollResponse> {
  const client = openJoinChannel(address, trust);
  try {
    return await call((done) => client.enroll(request, new Metadata(), { deadline: Date.now() + TIMEOUT_MS }, done));
  } finally {
    client.close();
  }
}

/** The key that was stored before, else a new one, stored. */
export async function pendingKey(store: IdentityStore): Promise<string> {
  const stored = await store.loadPendingKey();
  if (stored !== undefined) return stored;
  const key = makeKey();
  await store.savePendingKey(key);
  return key;
}

/** A certificate (DER) as PEM. @throws Fault badInput when it is not for this key. */
export function certificateFor(key: string, certificate: Uint8Array): string {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new Fault('badInput', 'the hub answered with a certificate for another key');
  }
  return toPem([certificate]);
}
