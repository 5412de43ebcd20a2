import { X509Certificate, verify } from 'node:crypto';
import { Fault } from '@flotilla/domain';
import { RENEWABLE_AFTER_EXPIRY_MS, clusterUri } from './certificates.js';

/** Who a certificate says it is. Only what the hub's authority has signed gets here. */
export interface CertificateIdentity {
  readonly clusterUid: string;
  /** Lower-case hex. */
  readonly serial: string;
}

const CLUSTER_URI = new RegExp(`^URI:${clusterUri('([0-9a-f-]{36})')}$`);

/** @param certificate what TLS has verified: subject alternative name and serial as OpenSSL prints them. */
export function readIdentity(certificate: {
  subjectaltname?: string | undefined;
  serialNumber: string;
}): CertificateIdentity | undefined {
  const [, clusterUid] = CLUSTER_URI.exec(certificate.subjectaltname ?? '') ?? [];
  return clusterUid === undefined ? undefined : { clusterUid, serial: certificate.serialNumber.toLowerCase() };
}

/** An expired certificate, the request for the next, and the signature over that request by the expired one's key. */
export interface ExpiredCertificateProof {
  readonly certificate: Uint8Array;
  readonly csr: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * Identity of a caller whose certificate has expired.
 * @param authority DER of the authority that must have signed it.
 * @throws Fault unauthenticated when it is foreign, expired too long ago, or the proof fails.
 */
export function readExpiredIdentity(given: ExpiredCertificateProof, authority: Buffer, now: Date): CertificateIdentity {
  const certificate = parse(given.certificate);
  const issuer = new X509Certificate(authority);
  if (!certificate?.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
    throw new Fault('unauthenticated', 'the certificate was not issued by this hub');
  }
  if (now.getTime() > Date.parse(certificate.validTo) + RENEWABLE_AFTER_EXPIRY_MS) {
    throw new Fault('unauthenticated', 'the certificate expired too long ago: flotilla cluster rejoin NAME');
  }
  const identity = readIdentity({
    subjectaltname: certificate.subjectAltName,
    serialNumber: certificate.serialNumber,
  });
  if (!identity || !verify('sha256', given.csr, certificate.publicKey, given.proof)) {
    throw new Fault('unauthenticated', 'the request is not signed by the key of the certificate');
  }
  return identity;
}

/** The cluster that a certificate claims to be of, whoever has signed it: for telling who was refused, nothing else. */
export function claimedUid(certificate: Uint8Array): string | undefined {
  const parsed = parse(certificate);
  return (
    parsed && readIdentity({ subjectaltname: parsed.subjectAltName, serialNumber: parsed.serialNumber })?.clusterUid
  );
}

function parse(certificate: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}
