import type { JsonObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** Members of raw objects with the type they should have; anything else counts as not there. */

export function memberObject(object: JsonObject, member: string): JsonObject {
  const part = object[member];
  return isJsonObject(part) ? part : {};
}

export function memberNumber(part: JsonObject, member: string, otherwise = 0): number {
  const value = part[member];
  return typeof value === 'number' ? value : otherwise;
}

export function memberText(part: JsonObject, member: string): string {
  const value = part[member];
  return typeof value === 'string' ? value : '';
}
