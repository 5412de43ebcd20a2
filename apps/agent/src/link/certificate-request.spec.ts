import 'reflect-metadata';
import { createPublicKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { certificateRequest, makeKey, toPem } from './certificate-request.js';

describe('certificateRequest', () => {
  it('is a request that an X.509 library reads and whose signature holds', async () => {
    const key = makeKey();
    const request = new x509.Pkcs10CertificateRequest(certificateRequest(key));
    expect(request.subject).toBe('CN=flotilla-agent');
    expect(await request.verify(webcrypto as never)).toBe(true);
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
  });
});

describe('toPem', () => {
  it('breaks lines and ends each certificate', () => {
    const pem = toPem([Buffer.alloc(100), Buffer.alloc(3)]);
    expect(pem.split('\n').every((line) => line.length <= 64)).toBe(true);
    expect(pem.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(2);
  });
});
