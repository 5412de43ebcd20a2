import type { Json, KubeObject } from '../json.js';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** 0 is always shown, higher ones with `-o wide`. */
  readonly priority: number;
  cell(object: KubeObject): Json | undefined;
}

export function column(name: string, cell: (object: KubeObject) => Json | undefined): Column {
  return { name, type: 'string', format: '', priority: 0, cell };
}

export function wide(name: string, cell: (object: KubeObject) => Json | undefined): Column {
  return { ...column(name, cell), priority: 1 };
}
