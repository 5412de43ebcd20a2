import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The API's own description (OpenAPI 3.1), made from the controllers. CLI and web client are generated from it. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const head = new DocumentBuilder()
    .setTitle('Flotilla')
    .setDescription('Fleet health, rollouts and what steers them. Failures are problem details (RFC 9457).')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .build();
  return describeFailures(SwaggerModule.createDocument(app, head));
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const text = { type: 'string' } as const;

/** RFC 9457, with what to do. */
const PROBLEM_DETAILS: Schemas[string] = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { ...text, description: '`urn:flotilla:fault:CODE`' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    code: { ...text, description: 'badInput, notFound, conflict, notApplicable, …' },
    hint: { ...text, description: 'What to do.' },
    errors: { type: 'array', items: text, description: 'Of a body or query that is not valid: every fault.' },
  },
};

/** Every operation fails in the same way. */
function describeFailures(document: OpenAPIObject): OpenAPIObject {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } };
  for (const item of Object.values(document.paths)) {
    for (const { responses } of [item.get, item.post, item.put, item.patch, item.delete].filter(
      (each) => each !== undefined,
    )) {
      responses.default ??= { description: 'It was not done', content };
    }
  }
  const schemas = { ...document.components?.schemas, ProblemDetails: PROBLEM_DETAILS };
  return { ...document, components: { ...document.components, schemas } };
}

/** Serves the description at `/api/openapi.json` and for people at `/api/docs`. */
export function serveApiDocs(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
  });
}
