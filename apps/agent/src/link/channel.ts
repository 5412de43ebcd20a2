import type { ChannelOptions, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import { Fault } from '@flotilla/domain';
import { CHANNEL_OPTIONS, wire, wireJoin } from '@flotilla/protocol';
import type { Identity } from '../store/identity.js';
import { toFault } from './grpc-fault.js';
import { serverIdentityCheck, serverNameOf } from './hub-authority.js';

export type AgentClient = wire.AgentServiceClient;
export type JoinClient = wireJoin.JoinServiceClient;

/** A channel to the agents listener: mutual TLS, one connection of its own. */
export function openAgentChannel(
  address: string,
  identity: Pick<Identity, 'key' | 'certificate' | 'trust'>,
): AgentClient {
  const [trust, key, certificate] = [identity.trust, identity.key, identity.certificate].map((pem) => Buffer.from(pem));
  const tls = credentials.createSsl(trust, key, certificate, { checkServerIdentity: serverIdentityCheck(address) });
  return new wire.AgentServiceClient(address, tls, optionsFor(address));
}

/** A channel to the join listener: the server proves itself, the caller has nothing to show yet. */
export function openJoinChannel(address: string, trust: string): JoinClient {
  const tls = credentials.createSsl(Buffer.from(trust), null, null, {
    checkServerIdentity: serverIdentityCheck(address),
  });
  return new wireJoin.JoinServiceClient(address, tls, optionsFor(address));
}

function optionsFor(address: string): ChannelOptions {
  return { ...CHANNEL_OPTIONS, 'grpc.ssl_target_name_override': serverNameOf(address) };
}

/** One unary call as a promise. @throws Fault */
export function call<T>(send: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, answer) => (error === null ? resolve(answer) : reject(toFault(error))));
  });
}

/** All messages of a response stream. @throws Fault, also when more than `limit` messages come. */
export async function collect<T>(stream: ClientReadableStream<T>, limit = 10_000): Promise<T[]> {
  const messages: T[] = [];
  try {
    for await (const message of stream as AsyncIterable<T>) {
      if (messages.push(message) > limit) throw new Fault('tooLarge', 'the hub sent more messages than were asked for');
    }
  } catch (error) {
    throw toFault(error);
  }
  return messages;
}
