import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Node, Pair, ParsedNode, Scalar as ScalarNode, YAMLMap, YAMLSeq } from 'yaml';
import type { ProblemCode } from '../problem/index.js';
import { resolveScalar } from './resolve-scalar.js';
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

/** Reads a stream of YAML documents with Kubernetes' meaning of scalars and the place of every node. */
export function readYaml(content: string): YamlStream {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(content, {
    schema: 'failsafe',
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = [...parsed];
  const errors = documents.flatMap((document) => document.errors.map((error) => syntaxError(error, lines)));
  if (errors.length > 0) return { documents: [], errors };
  return { documents: documents.filter(hasContent).map((document) => convert(document, lines)), errors: [] };
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

function convert(document: Document.Parsed, lines: LineCounter): YamlDocument {
  const converter = new Converter(document, lines);
  const root = converter.node(document.contents, 0);
  return { spot: root.spot, root: converter.exhausted ? undefined : root, errors: converter.errors };
}

class Converter {
  readonly errors: YamlError[] = [];
  exhausted = false;
  private count = 0;

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  node(node: Node | ParsedNode | null, depth: number): YamlNode {
    this.count += 1;
    const spot = spotAt(this.lines, node?.range?.[0] ?? 0);
    if (node === null || !this.withinLimits(depth, spot)) return { type: 'scalar', value: null, text: '', spot };
    if (isAlias(node)) return this.alias(node.resolve(this.document), spot, depth);
    if (isMap(node)) return this.map(node, spot, depth);
    if (isSeq(node)) return this.list(node, spot, depth);
    return this.scalar(node, spot);
  }

  private withinLimits(depth: number, spot: Spot): boolean {
    if (this.count <= MAX_NODES && depth <= MAX_DEPTH) return true;
    if (!this.exhausted) {
      const message = `the document has more than ${MAX_NODES} values or ${MAX_DEPTH} levels`;
      this.errors.push({ code: 'limitExceeded', spot, message, hint: 'Split it, or use fewer YAML aliases.' });
    }
    this.exhausted = true;
    return false;
  }

  /** What an alias stands for, at the alias's place. */
  private alias(target: Node | undefined, spot: Spot, depth: number): YamlNode {
    return { ...this.node(target ?? null, depth + 1), spot };
  }

  private list(list: YAMLSeq, spot: Spot, depth: number): YamlNode {
    return { type: 'list', items: list.items.map((item) => this.node(item as Node | null, depth + 1)), spot };
  }

  private map(map: YAMLMap, spot: Spot, depth: number): YamlMap {
    const own: YamlEntry[] = [];
    const merged: YamlEntry[] = [];
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) merged.push(...this.mergedEntries(this.node(pair.value, depth + 1)));
      else this.addEntry(own, pair, depth);
    }
    const keys = new Set(own.map((entry) => entry.key));
    const added = merged.filter((entry) => !keys.has(entry.key) && keys.add(entry.key));
    return { type: 'map', entries: [...own, ...added], spot };
  }

  private addEntry(entries: YamlEntry[], pair: Pair<Node | null, Node | null>, depth: number): void {
    const keyNode = this.node(pair.key, depth + 1);
    const value = this.node(pair.value, depth + 1);
    const key = this.key(keyNode);
    if (key === undefined) return;
    if (!entries.some((entry) => entry.key === key)) {
      entries.push({
        key,
        keySpot: keyNode.spot,
        value: pair.value === null ? { ...value, spot: keyNode.spot } : value,
      });
      return;
    }
    const message = `"${key}" is there twice in the same map`;
    this.errors.push({ code: 'duplicateKey', spot: keyNode.spot, message, hint: 'Keep one of them.' });
  }

  private key(node: YamlNode): string | undefined {
    if (node.type === 'scalar' && (typeof node.value === 'string' || String(node.value) === node.text)) {
      return node.text;
    }
    const written =
      node.type === 'scalar' ? `the key ${node.text} is ${String(node.value)}` : `a ${node.type} as a key is not text`;
    const message = `${written} for Kubernetes`;
    this.errors.push({ code: 'invalidValue', spot: node.spot, message, hint: 'Write the key in quotes.' });
    return undefined;
  }

  private mergedEntries(node: YamlNode): readonly YamlEntry[] {
    if (node.type === 'map') return node.entries;
    if (node.type === 'list') return node.items.flatMap((item) => this.mergedEntries(item));
    const message = '"<<" merges maps only';
    this.errors.push({ code: 'invalidValue', spot: node.spot, message, hint: 'Give the alias of a map.' });
    return [];
  }

  private scalar(node: ScalarNode, spot: Spot): YamlScalar {
    const text = typeof node.value === 'string' ? node.value : '';
    const plain = node.type === 'PLAIN' && node.tag === undefined;
    if (node.tag !== undefined && !/^(!|tag:yaml\.org,2002:str)$/.test(node.tag)) {
      const message = `the tag ${node.tag} is not allowed`;
      this.errors.push({ code: 'invalidValue', spot, message, hint: 'Remove the tag.' });
    }
    return this.exact({ type: 'scalar', value: plain ? resolveScalar(text) : text, text, spot });
  }

  /** Refuses numbers that JSON or JavaScript cannot hold. */
  private exact(scalar: YamlScalar): YamlScalar {
    const { value, text, spot } = scalar;
    if (typeof value !== 'number') return scalar;
    const lossy = /^[-+]?[0-9_]+$/.test(text) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
    if (!lossy) return scalar;
    const message = `the number ${text} cannot be held exactly`;
    this.errors.push({ code: 'invalidValue', spot, message, hint: 'Write it in quotes where text will do.' });
    return scalar;
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}
