import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import type { CST, Document, Node, Pair, Scalar as ScalarNode, YAMLMap, YAMLSeq } from 'yaml';
import { exactInteger, isReservedText } from '../json/index.js';
import type { ProblemCode } from '../problem/index.js';
import type { Scalar } from './resolve-scalar.js';
import { resolveScalar, resolveTagged, wholeDigits } from './resolve-scalar.js';
import type { Spot, YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-node.js';

export interface YamlError {
  readonly code: Extract<ProblemCode, 'yamlSyntax' | 'duplicateKey' | 'invalidValue' | 'limitExceeded'>;
  readonly spot: Spot;
  readonly message: string;
  readonly hint: string;
}

export interface YamlDocument {
  readonly spot: Spot;
  /** What could be read; absent when nothing could be. */
  readonly root: YamlNode | undefined;
  readonly errors: readonly YamlError[];
}

export interface YamlStream {
  /** Without empty documents. */
  readonly documents: readonly YamlDocument[];
  /** What keeps the whole file from being read. */
  readonly errors: readonly YamlError[];
}

/** Nodes of one document with its aliases followed; keeps "billion laughs" small. */
const MAX_NODES = 100_000;
const MAX_DEPTH = 100;
const TOO_MANY = `the document has more than ${MAX_NODES} values`;
/** Errors of one file; a broken file may have one at every character. */
const MAX_ERRORS = 20;

/**
 * Reads a stream of YAML documents with Kubernetes' meaning of scalars and the place of every node.
 * @param large what becomes of whole numbers beyond 2^53: content keeps them exactly, definitions have no use for them
 */
export function readYaml(content: string, large: 'keep' | 'refuse' = 'refuse'): YamlStream {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(content)];
  const excess = tokens.map(excessOf).find((found) => found !== undefined);
  if (excess !== undefined) return { documents: [], errors: [limitError(excess, lines)] };
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const documents = [...composer.compose(tokens)] as Document.Parsed[];
  const errors = documents.flatMap((document) => document.errors.map((error) => syntaxError(error, lines)));
  if (errors.length > 0) return { documents: [], errors: errors.slice(0, MAX_ERRORS) };
  return {
    documents: documents.filter(hasContent).map((document) => convert(document, new Converter(lines, large))),
    errors: [],
  };
}

interface Excess {
  readonly message: string;
  readonly offset: number;
}

/**
 * What is too much in a document, or undefined. Asked before composing, which recurses: deep nesting would exhaust the stack,
 * or kill the process where a regular expression is compiled at its end.
 */
function excessOf(root: CST.Token): Excess | undefined {
  let count = 0;
  let level: CST.Token[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    const offset = level[0]?.offset ?? 0;
    if (depth > MAX_DEPTH) return { message: `the document has more than ${MAX_DEPTH} levels`, offset };
    count += level.length;
    // Keys count too.
    if (count > 2 * MAX_NODES) return { message: TOO_MANY, offset };
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((child) => child !== undefined && child !== null));
}

function limitError({ message, offset }: Excess, lines: LineCounter): YamlError {
  return { code: 'limitExceeded', spot: spotAt(lines, offset), message, hint: 'Split the document.' };
}

function hasContent(document: Document): boolean {
  const { contents } = document;
  return contents !== null && !(isScalar(contents) && contents.value === '' && contents.type === 'PLAIN');
}

function syntaxError(error: { message: string; pos: [number, number] }, lines: LineCounter): YamlError {
  return { code: 'yamlSyntax', spot: spotAt(lines, error.pos[0]), message: error.message, hint: 'Correct the YAML.' };
}

function spotAt(lines: LineCounter, offset: number): Spot {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function convert(document: Document.Parsed, converter: Converter): YamlDocument {
  const root = converter.node(document.contents);
  return { spot: root.spot, root: converter.exhausted ? undefined : root, errors: converter.errors };
}

class Converter {
  readonly errors: YamlError[] = [];
  exhausted = false;
  private count = 0;
  private readonly anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();

  constructor(
    private readonly lines: LineCounter,
    private readonly large: 'keep' | 'refuse',
  ) {}

  node(node: Node | null): YamlNode {
    const before = this.count;
    const converted = this.convert(node);
    if (node !== null && !isAlias(node) && node.anchor !== undefined) {
      this.anchors.set(node.anchor, { node: converted, size: this.count - before });
    }
    return converted;
  }

  private convert(node: Node | null): YamlNode {
    this.count += 1;
    const spot = spotAt(this.lines, node?.range?.[0] ?? 0);
    if (node === null || !this.withinLimits(spot)) return { type: 'scalar', value: null, text: '', spot };
    if (isAlias(node)) return this.alias(node.source, spot);
    if (isMap(node)) return this.map(node, spot);
    if (isSeq(node)) return this.list(node, spot);
    return this.scalar(node, spot);
  }

  private withinLimits(spot: Spot): boolean {
    if (this.count <= MAX_NODES) return true;
    if (!this.exhausted) this.refuse('limitExceeded', { spot, message: TOO_MANY, hint: 'Use fewer YAML aliases.' });
    this.exhausted = true;
    return false;
  }

  /** What comes after the limit is no problem of its own. */
  private refuse(code: YamlError['code'], error: Omit<YamlError, 'code'>): void {
    if (!this.exhausted) this.errors.push({ code, ...error });
  }

  /** What an alias stands for, at the alias's place. */
  private alias(name: string, spot: Spot): YamlNode {
    const anchor = this.anchors.get(name);
    this.count += anchor?.size ?? 0;
    if (anchor !== undefined && this.withinLimits(spot)) return { ...anchor.node, spot };
    if (anchor === undefined) {
      const message = `the alias *${name} stands for nothing that is complete before it`;
      this.refuse('invalidValue', { spot, message, hint: `Define &${name} earlier.` });
    }
    return { type: 'scalar', value: null, text: '', spot };
  }

  private list(list: YAMLSeq, spot: Spot): YamlNode {
    return { type: 'list', items: list.items.map((item) => this.node(item as Node | null)), spot };
  }

  private map(map: YAMLMap, spot: Spot): YamlMap {
    const own: YamlEntry[] = [];
    const merged: YamlEntry[] = [];
    const keys = new Set<string>();
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) merged.push(...this.mergedEntries(this.node(pair.value)));
      else this.addEntry(own, keys, pair);
    }
    const added = merged.filter((entry) => !keys.has(entry.key) && keys.add(entry.key));
    return { type: 'map', entries: [...own, ...added], spot };
  }

  private addEntry(entries: YamlEntry[], keys: Set<string>, pair: Pair<Node | null, Node | null>): void {
    const keyNode = this.node(pair.key);
    const value = this.node(pair.value);
    const key = this.key(keyNode);
    if (key === undefined) return;
    if (!keys.has(key)) {
      keys.add(key);
      entries.push({
        key,
        keySpot: keyNode.spot,
        value: pair.value === null ? { ...value, spot: keyNode.spot } : value,
      });
      return;
    }
    const message = `"${key}" is there twice in the same map`;
    this.refuse('duplicateKey', { spot: keyNode.spot, message, hint: 'Keep one of them.' });
  }

  private key(node: YamlNode): string | undefined {
    if (node.type === 'scalar' && (typeof node.value === 'string' || String(node.value) === node.text)) {
      return node.text;
    }
    const written =
      node.type === 'scalar' ? `the key ${node.text} is ${String(node.value)}` : `a ${node.type} as a key is not text`;
    const message = `${written} for Kubernetes`;
    this.refuse('invalidValue', { spot: node.spot, message, hint: 'Write the key in quotes.' });
    return undefined;
  }

  private mergedEntries(node: YamlNode): readonly YamlEntry[] {
    if (node.type === 'map') return node.entries;
    if (node.type === 'list') return node.items.flatMap((item) => this.mergedEntries(item));
    const message = '"<<" merges maps only';
    this.refuse('invalidValue', { spot: node.spot, message, hint: 'Give the alias of a map.' });
    return [];
  }

  private scalar(node: ScalarNode, spot: Spot): YamlScalar {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (node.tag !== undefined)
      return this.exact({ type: 'scalar', value: this.tagged(node.tag, text, spot), text, spot });
    return this.exact({ type: 'scalar', value: node.type === 'PLAIN' ? resolveScalar(text) : text, text, spot });
  }

  private tagged(tag: string, text: string, spot: Spot): Scalar {
    const result = resolveTagged(tag, text);
    if (!('message' in result)) return result.value;
    this.refuse('invalidValue', { spot, ...result });
    return text;
  }

  /** Refuses numbers that JSON or JavaScript cannot hold. */
  private exact(scalar: YamlScalar): YamlScalar {
    const { value, text, spot } = scalar;
    if (typeof value === 'string') return this.plainText(scalar);
    if (typeof value !== 'number') return scalar;
    const digits = this.large === 'keep' && !Number.isSafeInteger(value) ? wholeDigits(text) : undefined;
    if (digits !== undefined) return { ...scalar, value: exactInteger(digits) };
    const lossy = /^[-+]?[0-9_]+$/.test(text) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
    if (!lossy) return scalar;
    const message = `the number ${text} cannot be held exactly`;
    this.refuse('invalidValue', { spot, message, hint: 'Write it in quotes where text will do.' });
    return scalar;
  }

  private plainText(scalar: YamlScalar): YamlScalar {
    if (!isReservedText(scalar.text)) return scalar;
    const message = 'a text must not begin with U+FDD0, which is no character';
    this.refuse('invalidValue', { spot: scalar.spot, message, hint: 'Remove it.' });
    return scalar;
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}
