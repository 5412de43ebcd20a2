import { Inject, Injectable } from '@nestjs/common';
import type { Digest, FieldChange, JsonObject, KubeObject, ManifestEntry, ObjectChange } from '@flotilla/domain';
import { Fault, diffFields, diffObjects } from '@flotilla/domain';
import { ContentRepository } from './content.repository.js';

/** What two bundles or policies differ by. Everything comes from the database: Git may be away. */
@Injectable()
export class BundleReader {
  constructor(@Inject(ContentRepository) private readonly contents: ContentRepository) {}

  /** Only objects that differ are read. An absent bundle has no objects. @throws Fault notFound when one is not kept */
  async diffBundles(before: Digest | undefined, after: Digest | undefined): Promise<ObjectChange[]> {
    if (before === after) return [];
    const wanted = [before, after].filter((digest) => digest !== undefined);
    const manifests = await this.contents.loadManifests(wanted);
    if (wanted.some((digest) => !manifests.has(digest))) throw notKept();
    const [old, now] = [before, after].map((digest) => manifests.get(digest ?? '') ?? []);
    const objects = await this.read([...without(old ?? [], now ?? []), ...without(now ?? [], old ?? [])]);
    const pick = (entries: readonly ManifestEntry[] = []): KubeObject[] =>
      entries.flatMap(({ objectId }) => objects.get(objectId) ?? []);
    return diffObjects(pick(old), pick(now));
  }

  async diffPolicies(before: Digest | undefined, after: Digest | undefined): Promise<FieldChange[]> {
    if (before === undefined || after === undefined || before === after) return [];
    const texts = await this.contents.loadPolicies([before, after]);
    if (texts.length < 2) throw notKept();
    const bodies = new Map(texts.map(({ digest, text }) => [digest, JSON.parse(text) as JsonObject]));
    return diffFields(bodies.get(before), bodies.get(after));
  }

  private async read(entries: readonly ManifestEntry[]): Promise<Map<Digest, KubeObject>> {
    const ids = [...new Set(entries.map(({ objectId }) => objectId))];
    const contents = await this.contents.loadContents(ids);
    if (contents.length < ids.length) throw notKept();
    return new Map(contents.map(({ id, text }) => [id, JSON.parse(text) as KubeObject]));
  }
}

/** Old content is let go of; what is not there must not pass for empty. */
function notKept(): Fault {
  return new Fault('notFound', 'what one of these releases held is not kept any more', 'Compare newer releases.');
}

function without(entries: readonly ManifestEntry[], others: readonly ManifestEntry[]): ManifestEntry[] {
  const ids = new Set(others.map(({ objectId }) => objectId));
  return entries.filter(({ objectId }) => !ids.has(objectId));
}
