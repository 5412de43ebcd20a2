import type { Problem } from '../problem/index.js';
import { matchesPath } from './clean-path.js';
import type { ProjectDefinition } from './definition.js';

/** The project that owns a file; the first by name when several do, which is a problem of its own. */
export function ownerOf(file: string, projects: readonly ProjectDefinition[]): ProjectDefinition | undefined {
  return ownersOf(file, projects)[0];
}

function ownersOf(file: string, projects: readonly ProjectDefinition[]): ProjectDefinition[] {
  const owners = projects.filter((project) => project.paths.some((pattern) => matchesPath(pattern, file)));
  return owners.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Files that two projects own: a problem of the later project. */
export function overlappingProjects(
  projects: readonly ProjectDefinition[],
  documents: readonly { readonly file: string }[],
): Problem[] {
  const files = [...new Set(documents.map((document) => document.file))];
  return files.flatMap((file): Problem[] => {
    const [first, second] = ownersOf(file, projects);
    if (first === undefined || second === undefined) return [];
    const message = `"${file}" belongs to the project "${first.name}" too`;
    const hint = 'Change the paths so that each file has one owner.';
    const subject = { kind: 'Project', name: second.name } as const;
    return [
      { code: 'invalidValue', severity: 'error', subject, place: second.place, field: 'spec.paths', message, hint },
    ];
  });
}
