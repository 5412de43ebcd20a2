import { Fault } from '@flotilla/domain';

const SCHEMES = new Set(['https:', 'ssh:', 'file:', 'git:', 'http:']);
const SCP_FORM = /^(?<user>[A-Za-z0-9._-]+@)?(?<host>[A-Za-z0-9.-]+):(?!\/\/)(?<path>[^\\]+)$/;

/**
 * The URL of a remote as git gets it. Allowed are https, http, ssh, git, file, an absolute path, and `user@host:path`;
 * anything that git would run (`ext::`, options) is refused, and so are credentials inside the URL.
 * @throws Fault badInput
 */
export function checkUrl(url: string): string {
  if (url.startsWith('/')) return refuseControl(url);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(url)) return checkScheme(url);
  if (!url.startsWith('-') && !url.includes('::') && SCP_FORM.test(url)) return refuseControl(url);
  throw new Fault('badInput', `"${printUrl(url)}" is not a Git URL`, 'Use https, ssh, file, or user@host:path.');
}

function checkScheme(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !SCHEMES.has(parsed.protocol)) {
    throw new Fault('badInput', `"${printUrl(url)}" has a scheme that is not allowed`, 'Use https, ssh or file.');
  }
  if (parsed.password !== '' || (parsed.username !== '' && parsed.protocol !== 'ssh:')) {
    throw new Fault('badInput', `"${printUrl(url)}" holds credentials`, 'Name credentials of the hub instead.');
  }
  return refuseControl(url);
}

/** Whether git reaches it over ssh. Of a URL that was checked. */
export function isSshUrl(url: string): boolean {
  return url.startsWith('ssh:') || (!url.startsWith('/') && !url.includes('://'));
}

function refuseControl(url: string): string {
  if (/[\u0000-\u001f\u007f]/.test(url)) throw new Fault('badInput', 'a Git URL holds control characters');
  return url;
}

/** A URL without what may be secret in it, for messages. */
export function printUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}
