import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LeaderForwarder } from './leader-forwarder.service.js';
import { PeerListener } from './peer-listener.service.js';

/** Sends calls on to the leader while this hub is a standby. To be called before the application listens. */
export function forwardToLeader(app: NestFastifyApplication): void {
  const forwarder = app.get(LeaderForwarder);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!forwarder.concerns(request.raw)) return undefined;
      reply.hijack();
      await forwarder.forward(request.raw, reply.raw);
      return reply;
    });
}

/** Serves the API to the other hubs. Resolves with the address that they shall use. */
export async function listenToPeers(app: NestFastifyApplication): Promise<string> {
  const fastify = app.getHttpAdapter().getInstance();
  return app.get(PeerListener).open((request, response) => fastify.routing(request, response));
}
