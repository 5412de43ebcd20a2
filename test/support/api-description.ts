import { Ajv2020 } from 'ajv/dist/2020.js';
import type { HubApi } from './hub-api.js';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: object }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** What parameters of paths and required ones of queries stand for. */
export type Names = Readonly<Record<string, string>>;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  diffReleases: ['from', 'to'],
  explainTarget: ['cluster', 'field'],
};

/** Compares what a hub serves with its own OpenAPI document: nothing may be missing, of another type, or untold. */
export class ApiDescription {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': TIME } });

  private constructor(
    private readonly api: HubApi,
    private readonly document: Document,
  ) {
    this.ajv.addSchema({ $id: 'api', components: closed(document.components) });
  }

  static async load(api: HubApi): Promise<ApiDescription> {
    const response = await fetch(`${api.url}/api/openapi.json`);
    return new ApiDescription(api, (await response.json()) as Document);
  }

  /** Every route that reads, called with these names. @returns what is not as described, and the status of each answer */
  async checkReads(names: Names): Promise<{ wrong: string[]; status: Record<string, number> }> {
    const wrong: string[] = [];
    const statuses: Record<string, number> = {};
    for (const [path, { get }] of Object.entries(this.document.paths)) {
      const schema = get?.responses['200']?.content?.['application/json']?.schema;
      if (!get || !schema) continue;
      const { status, body } = await this.read(fill(path, get.operationId, names));
      const found = status === 200 ? this.compare(schema, body) : this.compareFailure(get, body);
      wrong.push(...found.map((text) => `${get.operationId} ${status} ${text}`));
      statuses[get.operationId] = status;
    }
    return { wrong, status: statuses };
  }

  private async read(path: string): Promise<{ status: number; body: unknown }> {
    const headers = { authorization: `Bearer ${await this.api.token()}` };
    const response = await fetch(`${this.api.url}${path}`, { headers });
    return { status: response.status, body: await response.json() };
  }

  private compareFailure({ responses }: Operation, body: unknown): string[] {
    const schema = responses['default']?.content?.['application/problem+json']?.schema;
    return schema ? this.compare(schema, body) : ['failures are not described'];
  }

  private compare(schema: object, body: unknown): string[] {
    const here = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
    if (this.ajv.validate(here, body)) return [];
    return (this.ajv.errors ?? []).map(
      ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }
}

function fill(path: string, operation: string, names: Names): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? 'nobody'));
  const query = (QUERIES[operation] ?? []).map((name) => `${name}=${encodeURIComponent(names[name] ?? '')}`);
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

/** The same schemas with every object that lists its members closed for others. */
function closed<T>(node: T): T {
  if (Array.isArray(node)) return node.map(closed) as T;
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value as unknown)]));
  const open = 'properties' in members && members['type'] === 'object' && !('additionalProperties' in members);
  return (open ? { ...members, additionalProperties: false } : members) as T;
}
