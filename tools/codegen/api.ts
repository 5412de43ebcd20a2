import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';

interface HubModules {
  readonly describeHubApi: (module: unknown) => Promise<object>;
  readonly HubModule: { of(config: unknown): unknown };
  readonly readHubConfig: (environment: Record<string, string>) => unknown;
}

/** The compiled hub: decorators need SWC, which runs at build. */
async function hub(root: string): Promise<HubModules> {
  const load = (path: string): Promise<object> =>
    import(pathToFileURL(join(root, 'apps/hub/dist', path)).href) as Promise<object>;
  const parts = await Promise.all(['http/describe-hub-api.js', 'hub.module.js', 'config/index.js'].map(load));
  return Object.assign({}, ...parts) as HubModules;
}

/** The OpenAPI document of the hub and the types of its client, which CLI and web page use. */
export async function apiFiles(root: string): Promise<[string, string][]> {
  const { describeHubApi, HubModule, readHubConfig } = await hub(root);
  const config = readHubConfig({ DATABASE_URL: 'postgres://none', FLOTILLA_FLEET_URL: 'file:///none' });
  const document = await describeHubApi(HubModule.of(config));
  const types = astToString(await openapiTS(structuredClone(document) as OpenAPI3));
  const head = '/* Generated from the hub’s controllers by `npm run codegen`. */\n\n';
  return [
    ['docs/spec/openapi.json', `${JSON.stringify(document, null, 2)}\n`],
    ['apps/cli/src/api/generated/schema.ts', head + types],
  ];
}
