import type { RawSchema } from './open-api.js';
import type { Definitions } from './schema-node.js';
import { SchemaNode } from './schema-node.js';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The schemas of one OpenAPI document; nodes are made when first asked for and shared. */
export class SchemaDocument implements Definitions {
  private readonly nodes = new Map<string, SchemaNode>();
  private kinds: Map<string, string> | undefined;

  constructor(readonly schemas: Record<string, RawSchema>) {}

  node(name: string): SchemaNode {
    let node = this.nodes.get(name);
    if (!node) this.nodes.set(name, (node = new SchemaNode(this.schemas[name] ?? {}, this, { name })));
    return node;
  }

  /** The schema that says it is of this kind (and of no other: options kinds are registered in every group). */
  ofKind(gvk: GroupVersionKind): SchemaNode | undefined {
    this.kinds ??= this.indexKinds();
    const name = this.kinds.get(`${gvk.group}/${gvk.version}/${gvk.kind}`);
    return name === undefined ? undefined : this.node(name);
  }

  private indexKinds(): Map<string, string> {
    const kinds = new Map<string, string>();
    for (const [name, schema] of Object.entries(this.schemas)) {
      const own = schema['x-kubernetes-group-version-kind'];
      const [gvk] = own ?? [];
      if (gvk && own?.length === 1) kinds.set(`${gvk.group}/${gvk.version}/${gvk.kind}`, name);
    }
    return kinds;
  }
}
