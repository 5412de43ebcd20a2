import type { JsonObject } from '../../json/index.js';
import type { Definition, DefinitionHead, DefinitionKind, ProjectDefinition } from '../definition.js';
import { API_VERSION } from '../definition.js';
import { labels } from '../fields/cluster-types.js';
import type { DefaultedField, FieldTable, RequiredField } from '../fields/field-type.js';
import type { ValuesOf } from '../fields/object-type.js';
import { defaulted, object, optional, required } from '../fields/object-type.js';
import type { Reading } from '../fields/reading.js';
import { name, oneOf } from '../fields/scalar-types.js';
import type { Spot, YamlNode } from '../yaml-node.js';
import { nearestSpot } from '../yaml-node.js';

/** What surrounds a document while it is read. */
export interface DocumentContext {
  readonly file: string;
  readonly at: Reading;
  /** The document. */
  readonly root: YamlNode;
  /** The project that owns the file; undefined outside every project's paths. */
  readonly project: ProjectDefinition | undefined;
}

/** One kind of definition: the table of its fields is its parser, its schema and its documentation. */
export interface KindRule {
  readonly kind: DefinitionKind;
  /** One sentence. */
  readonly doc: string;
  /** Whether tenants may define it inside their paths. */
  readonly inProjects: boolean;
  readonly fields: FieldTable;
  readonly schema: JsonObject;
  read(context: DocumentContext): Definition | undefined;
}

interface KindOptions<S extends FieldTable> {
  readonly kind: DefinitionKind;
  readonly doc: string;
  readonly inProjects: boolean;
  readonly spec: RequiredField<ValuesOf<S>> | DefaultedField<ValuesOf<S>>;
  /** The definition; undefined after having reported why there is none. */
  build(head: DefinitionHead, spec: ValuesOf<S>, context: DocumentContext): Definition | undefined;
}

const metadata = object({
  name: required(name, 'Unique among definitions of this kind.'),
  labels: defaulted(labels, 'Labels.', { value: {} }),
});

export function defineKind<S extends FieldTable>(options: KindOptions<S>): KindRule {
  const { kind, doc, inProjects } = options;
  const fields = {
    apiVersion: optional(oneOf(API_VERSION), 'Version of this format.', `\`${API_VERSION}\``),
    kind: required(oneOf(kind), 'Kind of definition.'),
    metadata: required(metadata, 'Name and labels.'),
    spec: options.spec,
  };
  const type = object(fields);
  return {
    kind,
    doc,
    inProjects,
    fields,
    schema: type.schema,
    read(context): Definition | undefined {
      const { root, at, file } = context;
      const values = type.read(root, at);
      if (values === undefined) return undefined;
      const place = { file, line: root.spot.line, column: root.spot.column };
      const { metadata: given, spec } = values as { metadata: ValuesOf<NonNullable<typeof metadata.members>> } & {
        spec: ValuesOf<S>;
      };
      return options.build({ ...(given as { name: string; labels: Record<string, string> }), place }, spec, context);
    },
  };
}

/** The place of a field of `spec`, or of what is nearest to it. */
export function spotOf(context: DocumentContext, ...path: readonly string[]): Spot {
  return nearestSpot(context.root, ['spec', ...path]);
}
