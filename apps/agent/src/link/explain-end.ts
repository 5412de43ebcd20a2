/** What TLS says when the other side's certificate comes from another authority than the trusted ones. */
const FOREIGN =
  /self-signed certificate|unable to (verify the first certificate|get (local )?issuer certificate)|certificate signature failure/;
const FOREIGN_WORDS =
  'the hub there has a certificate of an authority that this agent does not trust: it is another hub, or its database was lost';

/** Why there is no session, for people: without what gRPC puts around it, and with what a TLS error means. */
export function explainEnd(message: string): string {
  const [, inner = message] =
    /^No connection established\. Last error: (.*?)\.? Resolution note: *$/.exec(message) ?? [];
  const words = inner.replace(/^Error: /, '').trim();
  return FOREIGN.test(words) ? `${FOREIGN_WORDS} (${words})` : words;
}
