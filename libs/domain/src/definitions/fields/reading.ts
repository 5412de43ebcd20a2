import type { Problem, ProblemCode, Subject } from '../../problem/index.js';
import type { DefinitionKind } from '../definition.js';
import type { Spot, YamlNode } from '../yaml-node.js';
import { printNode } from '../yaml-node.js';

/** What a message says beside its code and place. */
export interface Complaint {
  readonly code: ProblemCode;
  readonly spot: Spot;
  readonly message: string;
  readonly hint: string;
}

/** A name of another definition, as a field holds it. */
export interface Reference {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly spot: Spot;
  /** The field that refers. */
  readonly from: Reading;
}

/** What reading one document fills. */
export interface DocumentRecord {
  readonly file: string;
  readonly subject: Subject;
  readonly problems: Problem[];
  readonly references: Reference[];
}

/** Where reading a document stands: collects every problem under the path of the field it is at. */
export class Reading {
  constructor(
    readonly document: DocumentRecord,
    readonly field = '',
  ) {}

  member(name: string): Reading {
    return new Reading(this.document, this.field === '' ? name : `${this.field}.${name}`);
  }

  item(index: number): Reading {
    return new Reading(this.document, `${this.field}[${index}]`);
  }

  error(complaint: Complaint): void {
    this.report('error', complaint);
  }

  warning(complaint: Complaint): void {
    this.report('warning', complaint);
  }

  /** Reports a value of another type than `wanted`, and gives the undefined that a field type returns then. */
  wrongType(node: YamlNode, wanted: string, hint = `Give ${wanted}.`): undefined {
    const message = `must be ${wanted}, but is ${printNode(node)}`;
    this.error({ code: 'wrongType', spot: node.spot, message, hint });
    return undefined;
  }

  /** The same for a value of the right type that cannot be. */
  invalid(node: YamlNode, message: string, hint: string): undefined {
    this.error({ code: 'invalidValue', spot: node.spot, message, hint });
    return undefined;
  }

  refer(kind: DefinitionKind, name: string, node: YamlNode): void {
    this.document.references.push({ kind, name, spot: node.spot, from: this });
  }

  private report(severity: Problem['severity'], complaint: Complaint): void {
    const { code, spot, message, hint } = complaint;
    const { file, subject, problems } = this.document;
    const place = { file, line: spot.line, column: spot.column };
    problems.push({ code, severity, subject, place, field: this.field, message, hint });
  }
}
