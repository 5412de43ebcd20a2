import { Inject, Injectable } from '@nestjs/common';
import type {
  AppDefinition,
  ChangedFile,
  ClusterFacts,
  ExplainedField,
  Explanation,
  FileTree,
  FleetDefinitions,
  Json,
  TracedLine,
  TreeFile,
} from '@flotilla/domain';
import {
  ContentRenderer,
  Fault,
  explainTarget,
  followKustomization,
  matchTargets,
  resolveApp,
  traceValue,
} from '@flotilla/domain';
import { FLEET_SOURCE, SourcesService } from '../sources/index.js';
import { ClusterLabelsRepository } from './cluster-labels.repository.js';
import { FleetsService } from './fleets.service.js';
import { ReleaseHistoryRepository } from './release-history.repository.js';

export interface ExplainedTargetField extends ExplainedField {
  /** Where the content writes the value, when exactly one line can be it; else where the object begins. */
  readonly written: TracedLine;
}

/** What a cluster gets of an app by the definitions in force, and which of them says so. */
export interface ExplainedTarget extends Omit<Explanation, 'fields'> {
  readonly app: AppDefinition;
  readonly cluster: string;
  readonly source: string;
  /** Of the source, at which the content is read. */
  readonly commit: string;
  /** Why the cluster is selected; undefined when it is not. */
  readonly matchedBy: string | undefined;
  readonly fields: readonly ExplainedTargetField[];
}

export interface ExplanationRequest {
  readonly cluster: string;
  readonly field: string | undefined;
}

const MAX_FILES = 500;
const MAX_FILE_BYTES = 1024 * 1024;

/** Tells which file or override set what a cluster gets. Needs Git: the database keeps results, not where they come from. */
@Injectable()
export class ExplanationService {
  constructor(
    @Inject(FleetsService) private readonly fleets: FleetsService,
    @Inject(SourcesService) private readonly sources: SourcesService,
    @Inject(ContentRenderer) private readonly renderer: ContentRenderer,
    @Inject(ClusterLabelsRepository) private readonly labels: ClusterLabelsRepository,
    @Inject(ReleaseHistoryRepository) private readonly history: ReleaseHistoryRepository,
  ) {}

  /** @throws Fault notFound, notApplicable when the cluster lacks a variable, unavailable when Git cannot be read */
  async explain(name: string, { cluster: clusterName, field }: ExplanationRequest): Promise<ExplainedTarget> {
    const { apps, groups } = await this.fleets.definitions();
    const app = appOf(apps, name);
    const cluster = await this.loadCluster(clusterName);
    const path = pathOn(app, cluster, groups);
    const { tree, ...content } = await this.openContent(app);
    const { objects } = await this.renderer.render(tree, path);
    const { fields, ...explained } = explainTarget({ app, cluster, groups, objects, field }) ?? NOTHING;
    const files = fields.length === 0 ? [] : await readFiles(tree, path);
    return {
      app,
      cluster: cluster.name,
      ...content,
      ...explained,
      matchedBy: matchTargets(app, [cluster], groups)[0]?.reason,
      fields: fields.map((each) => ({ ...each, written: lineOf(each, field ?? '', files) })),
    };
  }

  private async loadCluster(name: string): Promise<ClusterFacts> {
    const found = (await this.labels.load()).find((cluster) => cluster.name === name);
    if (found) return found;
    throw new Fault('notFound', `there is no cluster ${name}`, 'flotilla get clusters');
  }

  private async openContent(app: AppDefinition): Promise<{ source: string; commit: string; tree: FileTree }> {
    const source = app.source ?? FLEET_SOURCE;
    const commit = await this.history.loadGoodCommit(app.name);
    if (commit === '') throw new Fault('notApplicable', `${app.name} has never been good`, `flotilla why ${app.name}`);
    return { source, commit, tree: await this.sources.tree(source, commit) };
  }
}

const NOTHING: Explanation = { settings: [], overrides: [], fields: [] };

/** @throws Fault notFound */
function appOf(apps: FleetDefinitions['apps'], name: string): AppDefinition {
  const app = Object.hasOwn(apps, name) ? apps[name] : undefined;
  if (app) return app;
  throw new Fault('notFound', `there is no app ${name}`, 'flotilla get apps');
}

/** @throws Fault notApplicable */
function pathOn(app: AppDefinition, cluster: ClusterFacts, groups: FleetDefinitions['groups']): string {
  const { resolved, problems } = resolveApp(app, cluster, groups);
  if (resolved) return resolved.path;
  throw new Fault('notApplicable', problems.map(({ message }) => message).join('; '), problems[0]?.hint);
}

/** What the content of a folder is made from, as text. */
async function readFiles(tree: FileTree, path: string): Promise<ChangedFile[]> {
  const { files } = await followKustomization(tree, path);
  const wanted = files.filter(({ type, path: file }) => type === 'file' && !file.endsWith('/flotilla.yaml'));
  if (wanted.length > MAX_FILES) return [];
  return Promise.all(wanted.map((file) => readText(tree, file)));
}

async function readText(tree: FileTree, file: TreeFile): Promise<ChangedFile> {
  const content = await tree.read(file);
  const after = content.byteLength > MAX_FILE_BYTES ? undefined : new TextDecoder().decode(content);
  return { path: file.path, before: undefined, after };
}

function lineOf({ place, steps }: ExplainedField, field: string, files: readonly ChangedFile[]): TracedLine {
  const value: Json | undefined = steps.find(({ by }) => by === 'content')?.value;
  const own = files.filter(({ path }) => path === place.file);
  const traced = value === undefined ? undefined : (trace(own, field, value) ?? trace(files, field, value));
  return traced ?? { file: place.file, line: place.line };
}

function trace(files: readonly ChangedFile[], field: string, value: Json): TracedLine | undefined {
  return traceValue(files, { field, value });
}
