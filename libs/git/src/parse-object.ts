/** One entry of a Git tree. */
export interface TreeEntry {
  readonly name: string;
  readonly id: string;
  readonly type: 'file' | 'folder' | 'link' | 'submodule';
}

/** Who made a commit, when, and its first line. */
export interface CommitInfo {
  readonly id: string;
  readonly tree: string;
  readonly author: string;
  readonly subject: string;
  /** Unix ms. */
  readonly committedAt: number;
}

const TYPES: Readonly<Record<string, TreeEntry['type']>> = { '4': 'folder', '12': 'link', '16': 'submodule' };

/** Entries of a tree object: `mode name NUL id`, repeated. Ids have 20 bytes, or 32 in SHA-256 repositories. */
export function parseTree(content: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0) break;
    const mode = content.toString('latin1', at, space);
    const id = content.toString('hex', end + 1, end + 1 + idBytes);
    entries.push({ name: content.toString('utf8', space + 1, end), id, type: TYPES[mode.slice(0, -4)] ?? 'file' });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** The head lines of a commit object and the first line of its message. */
export function parseCommit(id: string, content: Buffer): CommitInfo {
  const text = content.toString('utf8');
  const split = text.indexOf('\n\n');
  const head = split < 0 ? text : text.slice(0, split);
  const message = split < 0 ? '' : text.slice(split + 2);
  const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  const [, author = ''] = /^(.*?) ?<[^>]*> \d+ [-+]\d+$/.exec(field('author')) ?? [];
  const [, seconds = '0'] = /> (\d+) [-+]\d+$/.exec(field('committer')) ?? [];
  const subject = (message.trimStart().split('\n', 1)[0] ?? '').trim();
  return { id, tree: field('tree'), author, subject, committedAt: Number(seconds) * 1000 };
}
