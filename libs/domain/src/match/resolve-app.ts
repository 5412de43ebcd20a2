import type { AppDefinition, AppOverride, ContentPatch, ValuesFile } from '../definitions/index.js';
import { cleanPath, interpolate } from '../definitions/index.js';
import type { Json, JsonObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import type { Problem } from '../problem/index.js';
import type { ClusterFacts } from './cluster-facts.js';
import type { Groups } from './match-targets.js';
import { clusterMatches } from './match-targets.js';

/** An app as one cluster gets it: overrides applied in order, variables of the cluster filled in. */
export interface ResolvedApp {
  readonly path: string;
  readonly valuesFiles: readonly ValuesFile[];
  /** `null` stands where a value of the content is to be removed, as in Helm. */
  readonly values: JsonObject;
  readonly patches: readonly ContentPatch[];
  readonly substitute: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** Empty: the agent's own account. */
  readonly serviceAccount: string;
  /** Names of the overrides that apply here, in their order. */
  readonly overrides: readonly string[];
}

export interface ResolveResult {
  /** Absent when a problem stands in the way. */
  readonly resolved: ResolvedApp | undefined;
  readonly problems: readonly Problem[];
}

/** Works out what an app is on a cluster. Variables without value and default are problems, each with its field. */
export function resolveApp(app: AppDefinition, cluster: ClusterFacts, groups: Groups): ResolveResult {
  const overrides = app.overrides.filter((override) => clusterMatches(override.choice, cluster, groups));
  const fields = new FieldResolver(app, cluster, overrides);
  const resolved: ResolvedApp = {
    path: fields.path(['path'], lastPath(app, overrides)),
    valuesFiles: app.valuesFiles.map((file, index) => ({
      ...file,
      path: fields.path(['valuesFiles', index], file.path),
    })),
    values: fields.json(
      ['values'],
      overrides.reduce((values, { values: more = {} }) => mergeValues(values, more), app.values),
    ),
    patches: overrides.flatMap((override) =>
      override.patches.map((patch, index) =>
        fields.json(['overrides', app.overrides.indexOf(override), 'patches', index], patch),
      ),
    ),
    substitute: fields.texts(overrides.reduce((texts, item) => ({ ...texts, ...item.substitute }), app.substitute)),
    namespace: fields.name('namespace', app.namespace),
    serviceAccount: app.serviceAccount === '' ? '' : fields.name('serviceAccount', app.serviceAccount),
    overrides: overrides.map((override) => override.name),
  };
  return { resolved: fields.problems.length === 0 ? resolved : undefined, problems: fields.problems };
}

function lastPath(app: AppDefinition, overrides: readonly AppOverride[]): string {
  return overrides.findLast((override) => override.path !== undefined)?.path ?? app.path;
}

/** Helm's way with values: maps merge, everything else replaces, and `null` stays to remove what lies beneath. */
export function mergeValues(values: JsonObject, more: JsonObject): JsonObject {
  const merged = new Map<string, Json | undefined>(Object.entries(values));
  for (const [key, value] of Object.entries(more)) {
    const below = merged.get(key);
    merged.set(key, isJsonObject(value) && isJsonObject(below) ? mergeValues(below, value) : value);
  }
  return Object.fromEntries(merged);
}

type Path = readonly (string | number)[];

/** Fills in one field after the other and collects what is missing. */
class FieldResolver {
  readonly problems: Problem[] = [];

  constructor(
    private readonly app: AppDefinition,
    private readonly cluster: ClusterFacts,
    private readonly overrides: readonly AppOverride[],
  ) {}

  json<T>(field: Path, value: T): T {
    return this.fill(field, value as Json) as T;
  }

  texts(value: Readonly<Record<string, string>>): Record<string, string> {
    const entries = Object.entries(value).map(([key, text]) => {
      const field = ['substitute', key];
      return [key, this.text(field, this.fill(field, text))] as const;
    });
    return Object.fromEntries(entries);
  }

  path(field: Path, value: string): string {
    const text = this.text(field, this.fill(field, value));
    const path = cleanPath(text);
    if (path === undefined)
      this.invalid(field, `"${text}" is not a path inside the repository`, 'Correct the value of the cluster.');
    return path ?? text;
  }

  name(name: 'namespace' | 'serviceAccount', value: string): string {
    const field = [name];
    const text = this.text(field, this.fill(field, value));
    const valid = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
    if (!valid && !text.includes('${'))
      this.invalid(field, `"${text}" is not a name`, 'Correct the value of the cluster.');
    return text;
  }

  /** The value with every text in it filled in; a text that cannot be stays as it is. */
  private fill(field: Path, value: Json): Json {
    if (typeof value === 'string') return this.fillText(field, value);
    if (Array.isArray(value)) return value.map((item: Json, index) => this.fill([...field, index], item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, this.fill([...field, key], member ?? null)]),
    );
  }

  private fillText(field: Path, text: string): Json {
    if (!text.includes('${')) return text;
    const result = interpolate(text, this.cluster);
    if (result.ok) return result.value;
    for (const variable of result.missing) this.reportMissing(field, variable);
    return text;
  }

  private text(field: Path, value: Json): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.invalid(field, 'the value of the cluster is not text', 'Use a value that is text, a number or a boolean.');
    return '';
  }

  private reportMissing(field: Path, variable: string): void {
    const message = `cluster "${this.cluster.name}" has no ${variable}`;
    const hint = `Give the cluster a value, or write a default: \${${variable}:-…}.`;
    this.report({ code: 'substituteMissing', field: this.writtenAt(field), message, hint });
  }

  private invalid(field: Path, message: string, hint: string): void {
    this.report({ code: 'invalidValue', field: this.writtenAt(field), message, hint });
  }

  /** Where the value of a field comes from: the last override that sets it, else the app itself. */
  private writtenAt(field: Path): string {
    const override = this.overrides.findLast((candidate) => isThere(candidate as unknown as Json, field));
    if (override !== undefined) return `spec.overrides[${this.app.overrides.indexOf(override)}]${printField(field)}`;
    return field[0] === 'path' ? 'spec.source.path' : `spec${printField(field)}`;
  }

  private report(problem: Pick<Problem, 'code' | 'field' | 'message' | 'hint'>): void {
    const { name, place } = this.app;
    this.problems.push({ ...problem, severity: 'error', subject: { kind: 'App', name }, place });
  }
}

function isThere(node: Json | undefined, [key, ...rest]: Path): boolean {
  if (key === undefined) return node !== undefined;
  if (Array.isArray(node)) return isThere((node as readonly Json[])[Number(key)], rest);
  return isJsonObject(node) && Object.hasOwn(node, key) && isThere(node[key], rest);
}

function printField(field: Path): string {
  return field.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
}
