import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ContentRenderer } from '@flotilla/domain';
import { ManifestReader, createKustomize } from '@flotilla/render';
import { HubConfig } from '../config/index.js';
import { SourcesModule } from '../sources/index.js';
import { BundleReader } from './bundle-reader.service.js';
import { CausesService } from './causes.service.js';
import { ClusterLabelsRepository } from './cluster-labels.repository.js';
import { ContentRepository } from './content.repository.js';
import { DefinitionRepository } from './definition.repository.js';
import { DifferencesService } from './differences.service.js';
import { ExplanationService } from './explanation.service.js';
import { FleetInForceRepository } from './fleet-in-force.repository.js';
import { FleetChangeRepository } from './fleet-change.repository.js';
import { FleetsService } from './fleets.service.js';
import { GarbageRepository } from './garbage.repository.js';
import { GarbageService } from './garbage.service.js';
import { KeptCommitsRepository } from './kept-commits.repository.js';
import { PinsService } from './pins.service.js';
import { ProblemRepository } from './problem.repository.js';
import { ReleaseHistoryRepository } from './release-history.repository.js';
import { ReleaseRepository } from './release.repository.js';

/** What has been rendered is kept for all who ask. */
function createRenderer({ settings: { kustomizePath: path, dataDir } }: HubConfig): ContentRenderer {
  const cacheFolder = join(dataDir, 'tools');
  const kustomize = createKustomize({ cacheFolder, ...(path === undefined ? {} : { path }) });
  // An idle thread of the reader keeps no process alive.
  return new ContentRenderer(kustomize, new ManifestReader().read);
}

/** From commits and cluster facts to releases with parts. */
@Module({
  imports: [SourcesModule],
  providers: [
    { provide: ContentRenderer, inject: [HubConfig], useFactory: createRenderer },
    BundleReader,
    CausesService,
    DifferencesService,
    ExplanationService,
    ReleaseHistoryRepository,
    ClusterLabelsRepository,
    ContentRepository,
    DefinitionRepository,
    FleetInForceRepository,
    FleetChangeRepository,
    FleetsService,
    GarbageRepository,
    GarbageService,
    KeptCommitsRepository,
    PinsService,
    ProblemRepository,
    ReleaseRepository,
  ],
  exports: [FleetsService, ContentRepository, CausesService, DifferencesService, ExplanationService],
})
export class FleetsModule {}
