/** States of a cluster's row. */
export type ClusterState = 'joining' | 'joined' | 'quarantined' | 'rejoin' | 'removing' | 'removed';
export type CertificateState = 'next' | 'present' | 'superseded' | 'revoked';

/** What the database knows of a caller. */
export interface KnownIdentity {
  readonly state: ClusterState;
  readonly kubeUid: string | null;
  readonly certificate: CertificateState | null;
}

export type IdentityRefusal = 'revoked' | 'cloned' | 'rejoin';

export type IdentityVerdict =
  | { readonly admit: true; readonly promote: boolean }
  | {
      readonly admit: false;
      readonly refusal: IdentityRefusal;
      readonly message: string;
      /** State that the cluster takes by this. */
      readonly become?: 'quarantined' | 'rejoin';
    };

const refuse = (
  refusal: IdentityRefusal,
  message: string,
  become?: 'quarantined' | 'rejoin',
): IdentityVerdict & { admit: false } => ({
  admit: false,
  refusal,
  message,
  ...(become === undefined ? {} : { become }),
});

/**
 * The clone test. Another UID with this identity quarantines both. The same UID with a superseded serial is a cluster
 * restored from a backup: no data until it joins again.
 */
export function judgeIdentity(known: KnownIdentity | undefined, kubeUid: string): IdentityVerdict {
  if (!known || known.state === 'removed') return refuse('revoked', 'the cluster is not enrolled here');
  if (known.certificate === null || known.certificate === 'revoked') {
    return refuse('revoked', 'the certificate is not one that this hub has given, or was revoked');
  }
  if (known.state === 'quarantined') return refuse('cloned', 'the cluster is quarantined');
  if (known.kubeUid !== kubeUid) {
    return refuse('cloned', 'another cluster uses this identity: both are quarantined', 'quarantined');
  }
  return judgeSerial(known.state, known.certificate);
}

function judgeSerial(state: ClusterState, certificate: CertificateState): IdentityVerdict {
  if (certificate === 'superseded') {
    return refuse('rejoin', 'the certificate was superseded: the cluster seems restored from a backup', 'rejoin');
  }
  if (state === 'rejoin' && certificate !== 'next') return refuse('rejoin', 'the cluster must join again');
  return { admit: true, promote: certificate === 'next' };
}
