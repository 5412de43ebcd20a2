import { labelKeyError, labelValueError } from './label-syntax.js';
import type { Requirement, SelectorResult } from './selector.js';
import { printSelector } from './selector.js';

interface Token {
  readonly text: string;
  /** Counts from 1. */
  readonly column: number;
}

class Syntax extends Error {
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads a selector in kubectl's label-selector syntax: `env=prod,region in (eu,us),tier!=web,gpu,!legacy,cores>3`.
 * The empty selector is an error: it would mean "all" in kubectl, and here "all" is written out.
 */
export function parseSelector(text: string): SelectorResult {
  try {
    const requirements = new SelectorReader(tokens(text), text.length + 1).requirements();
    return { ok: true, selector: { text: printSelector(requirements), requirements } };
  } catch (error) {
    if (!(error instanceof Syntax)) throw error;
    return { ok: false, error: { column: error.column, message: error.message } };
  }
}

const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/gy;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const token = match[1] ?? '';
    found.push({ text: token, column: match.index + match[0].length - token.length + 1 });
  }
  return found;
}

function isWord(token: Token): boolean {
  return !/^[=!<>(),]/.test(token.text);
}

class SelectorReader {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly endColumn: number,
  ) {}

  requirements(): Requirement[] {
    if (this.tokens.length === 0) throw new Syntax(1, 'the selector is empty');
    const found = [this.requirement()];
    while (this.peek().text !== '') {
      this.expect(',');
      found.push(this.requirement());
    }
    return found;
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { text: '', column: this.endColumn };
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private expect(text: string): void {
    const token = this.next();
    if (token.text !== text) throw new Syntax(token.column, `expected "${text}" but found ${printToken(token)}`);
  }

  private requirement(): Requirement {
    if (this.peek().text === '!') {
      this.next();
      return { op: 'notExists', key: this.key() };
    }
    const key = this.key();
    const operator = this.peek();
    if (operator.text === '' || operator.text === ',') return { op: 'exists', key };
    this.next();
    return this.comparison(key, operator);
  }

  private comparison(key: string, operator: Token): Requirement {
    switch (operator.text) {
      case '=':
      case '==':
        return { op: 'in', key, values: [this.value()] };
      case '!=':
        return { op: 'notIn', key, values: [this.value()] };
      case '<':
        return { op: 'lessThan', key, value: this.number() };
      case '>':
        return { op: 'greaterThan', key, value: this.number() };
      case 'in':
        return { op: 'in', key, values: this.values() };
      case 'notin':
        return { op: 'notIn', key, values: this.values() };
      default:
        throw new Syntax(operator.column, `expected =, !=, in, notin, < or > but found ${printToken(operator)}`);
    }
  }

  private key(): string {
    const token = this.next();
    if (token.text === '' || !isWord(token)) {
      throw new Syntax(token.column, `expected a label key but found ${printToken(token)}`);
    }
    return valid(token, labelKeyError(token.text));
  }

  /** A value may be empty: `env=`. */
  private value(): string {
    const token = this.peek();
    if (token.text === '' || !isWord(token)) return '';
    this.next();
    return valid(token, labelValueError(token.text));
  }

  private number(): number {
    const token = this.next();
    if (!/^-?\d+$/.test(token.text)) {
      throw new Syntax(token.column, `expected a whole number but found ${printToken(token)}`);
    }
    return Number(token.text);
  }

  private values(): string[] {
    this.expect('(');
    if (this.peek().text === ')') throw new Syntax(this.peek().column, 'expected at least one value');
    const found = [this.value()];
    while (this.peek().text === ',') {
      this.next();
      found.push(this.value());
    }
    this.expect(')');
    return [...new Set(found)].sort();
  }
}

function valid(token: Token, error: string | undefined): string {
  if (error !== undefined) throw new Syntax(token.column, error);
  return token.text;
}

function printToken(token: Token): string {
  return token.text === '' ? 'the end' : `"${token.text}"`;
}
