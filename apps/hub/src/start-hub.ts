import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HubConfig } from './config/index.js';
import { LeaderService } from './database/index.js';
import { DeliveryStrategy } from './delivery/index.js';
import { forwardToLeader, listenToPeers, sendAddressProblem, serveApiDocs } from './http/index.js';
import { HubModule } from './hub.module.js';

/** A running hub. Disposing it closes listeners and sessions, gives up leadership and leaves the database. */
export interface Hub extends AsyncDisposable {
  readonly app: NestFastifyApplication;
  /** Base URL of the REST API. */
  readonly url: string;
}

/**
 * Starts a hub: schema first, then listeners, then it stands for election.
 * @throws Error when the database, a port or the hub key cannot be had.
 */
export async function startHub(config: HubConfig): Promise<Hub> {
  const app = await NestFactory.create<NestFastifyApplication>(HubModule.of(config), await adapter(config), {
    logger: false,
    // Signatures of webhooks are over the body as it came.
    rawBody: true,
    abortOnError: false,
  });
  serveApiDocs(app);
  forwardToLeader(app);
  app.connectMicroservice({ strategy: app.get(DeliveryStrategy) });
  const { host, port } = config.settings.httpListen;
  await app.init();
  await app.startAllMicroservices();
  await app.listen(port, host);
  app.get(LeaderService).start(await listenToPeers(app));
  return { app, url: await app.getUrl(), [Symbol.asyncDispose]: () => app.close() };
}

const FRAMEWORK = { frameworkErrors: sendAddressProblem };

/** Plain HTTP, or HTTPS when a certificate is configured. */
async function adapter({ settings: { httpTlsCertFile, httpTlsKeyFile } }: HubConfig): Promise<FastifyAdapter> {
  if (httpTlsCertFile === undefined && httpTlsKeyFile === undefined) return new FastifyAdapter(FRAMEWORK);
  if (httpTlsCertFile === undefined || httpTlsKeyFile === undefined) {
    throw new Error('FLOTILLA_HTTP_TLS_CERT_FILE and FLOTILLA_HTTP_TLS_KEY_FILE are set both or not at all');
  }
  const [cert, key] = await Promise.all([readFile(httpTlsCertFile), readFile(httpTlsKeyFile)]);
  return new FastifyAdapter({ ...FRAMEWORK, https: { cert, key, minVersion: 'TLSv1.2' } });
}
