import { Inject, Injectable } from '@nestjs/common';
import type { ChangedFile, FieldChange, FileTree, ObjectChange, ObjectRef, TracedLine } from '@flotilla/domain';
import { Fault, RecentMap, assignmentsOf, traceValue } from '@flotilla/domain';
import { SourcesService } from '../sources/index.js';
import { BundleReader } from './bundle-reader.service.js';
import type { StoredRelease } from './release-history.repository.js';
import { ReleaseHistoryRepository } from './release-history.repository.js';

/** A field that changed on the way to a release, and where that is written when it can be known. */
export interface Cause extends FieldChange {
  readonly ref: ObjectRef;
  /** Number of the release that brought it. */
  readonly release: number;
  readonly place: TracedLine | undefined;
}

export interface Failing {
  readonly clusterId: number;
  /** Number of the release that was proven healthy there last. */
  readonly from: number;
  /** Number of the release that fails. */
  readonly to: number;
  /** Objects that are not well. */
  readonly refs: readonly ObjectRef[];
}

/** More releases than that between a good and a bad one are not told apart. */
const MAX_RELEASES = 20;
const MAX_CAUSES = 5;
const MAX_FILES = 200;
const MAX_FILE_BYTES = 1024 * 1024;

/** Finds what changed between the last healthy release of a target and the one that fails there. */
@Injectable()
export class CausesService {
  private readonly changed = new RecentMap<readonly ChangedFile[]>(20);

  constructor(
    @Inject(ReleaseHistoryRepository) private readonly history: ReleaseHistoryRepository,
    @Inject(BundleReader) private readonly bundles: BundleReader,
    @Inject(SourcesService) private readonly sources: SourcesService,
  ) {}

  /** The fields of the failing objects; of all objects when none of those changed. Empty when nothing did. */
  async find(app: string, failing: Failing): Promise<Cause[]> {
    const { from, to, clusterId, refs } = failing;
    if (to <= from) return [];
    const releases = await this.history.loadReleases({ app, from, to });
    const [first, last] = [releases[0], releases.at(-1)];
    if (first?.number !== from || last?.number !== to) return [];
    const steps = stepsOf(releases, from);
    const changes = await Promise.all(steps.map((step) => this.stepChanges(step, clusterId)));
    const whole = await this.stepChanges({ before: first, after: last }, clusterId);
    const folder = await this.history.loadFolder(app);
    const causes: Cause[] = [];
    for (const { ref, field } of pickFields(whole, refs).slice(0, MAX_CAUSES)) {
      const at = changes.findLastIndex((step) => holds(step, ref, field.field));
      const step = steps[at] ?? { before: first, after: last };
      causes.push({ ...field, ref, release: step.after.number, place: await this.trace(step, field, folder) });
    }
    return causes;
  }

  /** Empty when content of one of the two is not kept any more. */
  private async stepChanges({ before, after }: Step, clusterId: number): Promise<ObjectChange[]> {
    const [was, is] = [before, after].map(({ parts }) => assignmentsOf(parts).get(clusterId)?.bundle);
    if (was === undefined || is === undefined) return [];
    return this.bundles.diffBundles(was, is).catch((error: unknown) => {
      if (error instanceof Fault) return [];
      throw error;
    });
  }

  /** The app's own folder first: the same value may have come to others in one push. */
  private async trace(step: Step, { field, after }: FieldChange, folder: string): Promise<TracedLine | undefined> {
    if (after === undefined) return undefined;
    const files = await this.changedFiles(step);
    const own = files.filter(({ path }) => folder === '' || path.startsWith(`${folder}/`));
    return traceValue(own, { field, value: after }) ?? traceValue(files, { field, value: after });
  }

  /** Empty when the commits cannot be read: a place is a help, and no more. */
  private async changedFiles({ before, after }: Step): Promise<readonly ChangedFile[]> {
    const moved = Object.entries(after.commits).flatMap(([source, commit]) => {
      const old = before.commits[source];
      return old === undefined || old === commit ? [] : [{ source, old, commit }];
    });
    const key = JSON.stringify(moved);
    const known = this.changed.get(key);
    if (known) return known;
    try {
      const lists = await Promise.all(moved.map(({ source, old, commit }) => this.compare(source, old, commit)));
      return this.changed.set(key, lists.flat());
    } catch (error) {
      if (error instanceof Fault) return [];
      throw error;
    }
  }

  private async compare(source: string, old: string, commit: string): Promise<ChangedFile[]> {
    const [before, after] = [await this.sources.tree(source, old), await this.sources.tree(source, commit)];
    const [was, is] = [await before.list(''), await after.list('')];
    const ids = new Map(was.map((file) => [file.path, file]));
    const changed = is.filter(({ path, id, type }) => type === 'file' && ids.get(path)?.id !== id);
    if (changed.length > MAX_FILES) return [];
    return Promise.all(
      changed.map(async (file) => {
        const previous = ids.get(file.path);
        return {
          path: file.path,
          before: previous && (await readText(before, previous)),
          after: await readText(after, file),
        };
      }),
    );
  }
}

interface Step {
  readonly before: StoredRelease;
  readonly after: StoredRelease;
}

/** From each release to the next; one step for all when there are too many. */
function stepsOf(releases: readonly StoredRelease[], from: number): Step[] {
  if (releases.length > MAX_RELEASES) return [];
  return releases.flatMap((after, index) => {
    const before = releases[index - 1];
    return before === undefined || after.number <= from ? [] : [{ before, after }];
  });
}

interface ChangedField {
  readonly ref: ObjectRef;
  readonly field: FieldChange;
}

function pickFields(changes: readonly ObjectChange[], refs: readonly ObjectRef[]): ChangedField[] {
  const own = changes.filter(({ ref }) => refs.some((failing) => isSame(ref, failing)));
  const picked = own.length > 0 ? own : changes;
  return picked.flatMap(({ ref, change, fields }) =>
    change === 'changed' ? fields.map((field) => ({ ref, field })) : [{ ref, field: { field: '', change } }],
  );
}

/** Content may leave the namespace to the app; agents always name it. */
function isSame(content: ObjectRef, observed: ObjectRef): boolean {
  const { group, kind, namespace, name } = content;
  const here = namespace === '' || namespace === observed.namespace;
  return here && group === observed.group && kind === observed.kind && name === observed.name;
}

function holds(changes: readonly ObjectChange[], ref: ObjectRef, field: string): boolean {
  const object = changes.find((change) => isSame(change.ref, ref));
  return object !== undefined && (field === '' || object.fields.some((change) => change.field === field));
}

async function readText(tree: FileTree, file: Parameters<FileTree['read']>[0]): Promise<string | undefined> {
  const content = await tree.read(file);
  return content.byteLength > MAX_FILE_BYTES ? undefined : new TextDecoder().decode(content);
}
