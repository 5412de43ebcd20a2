import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Json, JsonObject } from '../json.js';
import type { OpenApiDocument } from './open-api.js';
import { SchemaDocument } from './schema-document.js';

/**
 * What the real API server said about itself (see `recorded/record.ts`). Read when first needed, one group version at a
 * time, and shared by every cluster of this process: nothing here is ever changed.
 */
const folder = new URL('../recorded/', import.meta.url);
const documents = new Map<string, SchemaDocument>();
const files = new Map<string, Buffer>();

function read(name: string): Buffer {
  let content = files.get(name);
  if (!content) files.set(name, (content = readFileSync(new URL(name, folder))));
  return content;
}

/** `api/v1` for the core group, else `apis/<group>/<version>`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The recorded document, gzipped, as it goes out to clients. */
export function recordedDocument(path: string): Buffer {
  return read(`openapi/${path.replaceAll('/', '_')}.json.gz`);
}

export function recordedSchemas(group: string, version: string): SchemaDocument {
  const path = groupVersionPath(group, version);
  let document = documents.get(path);
  if (!document) {
    const parsed = JSON.parse(gunzipSync(recordedDocument(path)).toString()) as OpenApiDocument;
    documents.set(path, (document = new SchemaDocument(parsed.components?.schemas ?? {})));
  }
  return document;
}

/** Aggregated discovery (`apidiscovery.k8s.io/v2`) of `/api` and `/apis`. */
export function recordedDiscovery(): { api: JsonObject; apis: JsonObject } {
  return JSON.parse(gunzipSync(read('discovery.json.gz')).toString()) as { api: JsonObject; apis: JsonObject };
}

export function recordedVersion(): Json {
  return JSON.parse(read('version.json').toString()) as Json;
}
