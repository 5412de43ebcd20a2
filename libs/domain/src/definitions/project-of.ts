import type { Problem } from '../problem/index.js';
import { pathMatcher } from './clean-path.js';
import type { ProjectDefinition } from './definition.js';
import { DEFAULT_PROJECT } from './definition.js';

/** Knows which project owns a file. */
export class FileOwners {
  private readonly matchers: readonly (readonly [ProjectDefinition, (file: string) => boolean])[];
  private readonly known = new Map<string, readonly ProjectDefinition[]>();

  private readonly fallback: ProjectDefinition | undefined;

  constructor(projects: readonly ProjectDefinition[]) {
    this.fallback = projects.find(({ name }) => name === DEFAULT_PROJECT);
    const sorted = [...projects].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.matchers = sorted.flatMap((project) => project.paths.map((path) => [project, pathMatcher(path)] as const));
  }

  /** The project that owns a file; the first by name when several do, which is a problem of its own. */
  ownerOf(file: string): ProjectDefinition | undefined {
    return this.ownersOf(file)[0];
  }

  /** The project whose rules an app in a file follows: its owner's, else those of the project named `default`, if there is one. */
  projectOf(file: string): ProjectDefinition | undefined {
    return this.ownerOf(file) ?? this.fallback;
  }

  /** Every project that claims a file, by name. */
  ownersOf(file: string): readonly ProjectDefinition[] {
    let owners = this.known.get(file);
    if (owners === undefined) {
      owners = [...new Set(this.matchers.filter(([, matches]) => matches(file)).map(([project]) => project))];
      this.known.set(file, owners);
    }
    return owners;
  }
}

/** Files that two projects own: a problem of the later project. */
export function overlappingProjects(owners: FileOwners, files: Iterable<string>): Problem[] {
  return [...new Set(files)].flatMap((file): Problem[] => {
    const [first, second] = owners.ownersOf(file);
    if (first === undefined || second === undefined) return [];
    const message = `"${file}" belongs to the project "${first.name}" too`;
    const hint = 'Change the paths so that each file has one owner.';
    const subject = { kind: 'Project', name: second.name } as const;
    const { place } = second;
    return [{ code: 'invalidValue', severity: 'error', subject, place, field: 'spec.paths', message, hint }];
  });
}
