import type { Selector } from '../selectors/index.js';

/** One way to choose clusters. Wherever clusters are chosen the same four exist; an empty selector never becomes one. */
export type ClusterChoice =
  | { readonly by: 'selector'; readonly selector: Selector }
  | { readonly by: 'group'; readonly group: string }
  | { readonly by: 'clusters'; readonly clusters: readonly string[] }
  | { readonly by: 'all' };

/** For people: `selector env=prod`, `group edge`, `clusters lab-1, lab-2`, `all clusters`. */
export function printChoice(choice: ClusterChoice): string {
  switch (choice.by) {
    case 'selector':
      return `selector ${choice.selector.text}`;
    case 'group':
      return `group ${choice.group}`;
    case 'clusters':
      return `clusters ${choice.clusters.join(', ')}`;
    case 'all':
      return 'all clusters';
  }
}
