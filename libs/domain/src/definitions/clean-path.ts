/**
 * A folder or file inside a repository in its one form: `./apps/web/` → `apps/web`, `.` → empty. Undefined when it
 * leaves the repository, is absolute, or holds what no path there has.
 */
export function cleanPath(path: string): string | undefined {
  if (path.startsWith('/') || /[\\\0\n]/.test(path)) return undefined;
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') ? undefined : names.join('/');
}

/** The folder of a file, in the form of `cleanPath`. */
export function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}

/** Answers for paths whether they match a pattern: `**` any number of names, `*` and `?` inside one name. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const source = pattern
    .split('/')
    .map(segmentSource)
    .join('/')
    .replaceAll('**/', '(?:[^/]+/)*')
    .replaceAll('/**', '(?:/[^/]+)*');
  const form = new RegExp(`^${source === '**' ? '.*' : source}$`);
  return (path) => form.test(path);
}

function segmentSource(segment: string): string {
  if (segment === '**') return segment;
  return segment
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');
}
