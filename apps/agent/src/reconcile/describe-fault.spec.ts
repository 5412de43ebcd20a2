import { ApiFault } from '@flotilla/kube';
import { describe, expect, it } from 'vitest';
import { describeFault } from './describe-fault.js';

const SECRET = { group: '', kind: 'Secret', namespace: 'shop', name: 's' };
const MAP = { ...SECRET, kind: 'ConfigMap' };
const VALUE = 'hunter2';

const REFUSALS = {
  'an immutable field': new ApiFault('Invalid', `Secret "s" is invalid: data: Invalid value: "${VALUE}"`, {
    causes: [{ reason: 'FieldValueInvalid', message: VALUE, field: 'data' }],
  }),
  'a value of another type': new ApiFault(
    'Invalid',
    `failed to create typed patch object (a/b; /v1, Kind=Secret): .data.key: expected string, got {Value:${VALUE}}`,
  ),
  'a body that cannot be decoded': new ApiFault('BadRequest', `error found in #10 byte of ...|key":"${VALUE}"|...`),
  'a webhook': new ApiFault('Forbidden', `admission webhook "strong.acme.io" denied the request: "${VALUE}" is weak`),
  'a webhook that answers 404': new ApiFault('NotFound', `admission webhook "a.b" denied the request: no ${VALUE}`),
  'a policy': new ApiFault('Forbidden', `secrets "s" is forbidden: ValidatingAdmissionPolicy denied request: ${VALUE}`),
  'a policy that answers 401': new ApiFault('Unauthorized', `ValidatingAdmissionPolicy denied request: ${VALUE}`),
  'a webhook that fails': new ApiFault('ServerError', `failed calling webhook "x.y": got ${VALUE}`),
  'a webhook that names fields': new ApiFault('Invalid', 'admission webhook "a.b" denied the request', {
    causes: [{ reason: 'Bad', message: '', field: `data ${VALUE}` }],
  }),
} as const;

describe('what is told of a refused Secret', () => {
  it.each(Object.entries(REFUSALS))('holds no value: %s', (_, fault) => {
    const { message, code } = describeFault(SECRET, fault);
    expect(message).not.toContain(VALUE);
    expect(message).toContain('refused the Secret');
    expect(code).not.toBe('internal');
  });

  it('names fields, and the webhook', () => {
    expect(describeFault(SECRET, REFUSALS['an immutable field']).message).toContain('data FieldValueInvalid');
    expect(describeFault(SECRET, REFUSALS['a webhook'])).toMatchObject({
      code: 'admissionDenied',
      message: expect.stringContaining('admission webhook "strong.acme.io" refused') as string,
    });
  });

  it('is whole where it can hold none, and for every other kind', () => {
    const rights = 'secrets "s" is forbidden: User "x" cannot patch resource "secrets" in API group ""';
    expect(describeFault(SECRET, new ApiFault('Forbidden', rights)).message).toBe(rights);
    const conflict = 'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.key';
    expect(describeFault(SECRET, new ApiFault('Conflict', conflict)).message).toBe(conflict);
    for (const fault of Object.values(REFUSALS)) expect(describeFault(MAP, fault).message).toBe(fault.message);
  });
});
