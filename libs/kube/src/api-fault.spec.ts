import { describe, expect, it } from 'vitest';
import { isApiFault, toApiFault } from './api-fault.js';
import { printApplyBody } from './apply-body.js';

const status = (reason: string, causes: unknown[] = []): string =>
  JSON.stringify({ kind: 'Status', reason, message: 'said so', details: { causes } });

describe('toApiFault', () => {
  it('keeps the server’s reason, message and causes', () => {
    const cause = { reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' };
    const fault = toApiFault(409, status('Conflict', [cause]));
    expect(fault).toMatchObject({ reason: 'Conflict', code: 'conflict', message: 'said so', causes: [cause] });
  });

  it('tells AlreadyExists from Conflict, and 429 with its wait', () => {
    expect(toApiFault(409, status('AlreadyExists')).reason).toBe('AlreadyExists');
    expect(toApiFault(429, 'slow down', '3')).toMatchObject({ kind: 'transient', retryAfterMs: 3_000 });
  });

  it('takes an object whose field has the wrong type for invalid, as it is refused for ever', () => {
    const message =
      'failed to create typed patch object (web/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric';
    expect(toApiFault(500, JSON.stringify({ kind: 'Status', message })).reason).toBe('Invalid');
    expect(toApiFault(500, JSON.stringify({ kind: 'Status', message: 'etcd: no leader' })).reason).toBe('ServerError');
  });

  it('takes what is no Status for a failure of the server, without repeating it', () => {
    const fault = toApiFault(502, '<html>secret</html>');
    expect(isApiFault(fault, 'ServerError')).toBe(true);
    expect(fault.message).not.toContain('secret');
  });
});

describe('printApplyBody', () => {
  it('escapes what a YAML reader would change, and nothing else', () => {
    const object = { text: 'a\u0085b\u007f\u2028\ufffe\uffffc', plain: 'grüße 😀\n\t"' };
    const body = printApplyBody(object);
    expect(JSON.parse(body)).toEqual(object);
    expect(body).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufffe\uffff]/);
    expect(body).toContain('grüße 😀');
  });
});
