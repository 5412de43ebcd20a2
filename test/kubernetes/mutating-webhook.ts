import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Authority } from '../../libs/testing/src/cluster-api/access/authority.js';

/** What the API server asks an admission webhook. */
interface Review {
  readonly request: { readonly uid: string; readonly dryRun?: boolean; readonly object: unknown };
}

export interface MutatingWebhook extends AsyncDisposable {
  /** For `clientConfig` of a webhook configuration. */
  readonly clientConfig: Readonly<Record<'url' | 'caBundle', string>>;
  /** Reviews that were no dry-run. */
  readonly writes: number;
}

/** A webhook over HTTPS that answers each review with a JSON patch of the object. */
export async function startMutatingWebhook(patch: (object: never) => unknown[]): Promise<MutatingWebhook> {
  const authority = await Authority.create('webhook');
  const serving = await authority.issueServing();
  let writes = 0;
  const server = createServer(serving, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Review;
      if (review.request.dryRun !== true) writes += 1;
      const operations = Buffer.from(JSON.stringify(patch(review.request.object as never))).toString('base64');
      const verdict = { uid: review.request.uid, allowed: true, patchType: 'JSONPatch', patch: operations };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: verdict }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    clientConfig: {
      url: `https://127.0.0.1:${port}/mutate`,
      caBundle: Buffer.from(authority.pair.cert).toString('base64'),
    },
    get writes() {
      return writes;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
