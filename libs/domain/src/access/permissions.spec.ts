import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ROLES, roleAllows } from './permissions.js';

const role = fc.constantFrom(...ROLES);

it('orders the roles: who may do more may do all that is less', () => {
  fc.assert(
    fc.property(role, role, role, (holder, needed, less) => {
      expect(roleAllows(holder, holder)).toBe(true);
      if (roleAllows(holder, needed) && roleAllows(needed, less)) expect(roleAllows(holder, less)).toBe(true);
    }),
  );
  expect(roleAllows('viewer', 'operator')).toBe(false);
  expect(roleAllows('operator', 'admin')).toBe(false);
});
