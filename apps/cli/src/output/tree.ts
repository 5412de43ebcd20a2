/** A line and what hangs below it. */
export interface Branch {
  readonly text: string;
  readonly below?: readonly Branch[];
}

/** Lines of a tree as `tree` and kubectl plugins draw them. */
export function printTree(branches: readonly Branch[], indent = ''): string[] {
  return branches.flatMap(({ text, below = [] }, i) => {
    const last = i === branches.length - 1;
    return [`${indent}${last ? '└─' : '├─'} ${text}`, ...printTree(below, `${indent}${last ? '   ' : '│  '}`)];
  });
}
