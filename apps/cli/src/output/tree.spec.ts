import { expect, it } from 'vitest';
import { printTree } from './tree.js';

it('draws branches and what hangs below them', () => {
  const tree = [{ text: 'a', below: [{ text: 'b', below: [{ text: 'c' }] }, { text: 'd' }] }, { text: 'e' }];
  expect(printTree(tree)).toEqual(['├─ a', '│  ├─ b', '│  │  └─ c', '│  └─ d', '└─ e']);
});
