import { Module } from '@nestjs/common';
import { AppsViewController } from './apps.view.controller.js';
import { AppsViewRepository } from './apps.view.repository.js';
import { ClustersViewController } from './clusters.view.controller.js';
import { ClustersViewRepository } from './clusters.view.repository.js';
import { FleetsModule } from '../fleets/index.js';
import { DifferencesViewController } from './differences.view.controller.js';
import { DriftsViewController } from './drifts.view.controller.js';
import { DriftsViewRepository } from './drifts.view.repository.js';
import { ExplanationViewController } from './explanation.view.controller.js';
import { ReleasesViewController } from './releases.view.controller.js';
import { ReleasesViewRepository } from './releases.view.repository.js';
import { SelectClustersRepository } from './select-clusters.repository.js';
import { SourcesViewController } from './sources.view.controller.js';
import { SourcesViewRepository } from './sources.view.repository.js';
import { TargetsViewController } from './targets.view.controller.js';
import { TargetsViewRepository } from './targets.view.repository.js';
import { WindowsViewController } from './windows.view.controller.js';
import { WindowsViewRepository } from './windows.view.repository.js';

/** The read side: lists that join what several capabilities write. Nothing here changes anything. */
@Module({
  imports: [FleetsModule],
  controllers: [
    ClustersViewController,
    AppsViewController,
    TargetsViewController,
    DriftsViewController,
    DifferencesViewController,
    ExplanationViewController,
    ReleasesViewController,
    SourcesViewController,
    WindowsViewController,
  ],
  providers: [
    SelectClustersRepository,
    ClustersViewRepository,
    AppsViewRepository,
    TargetsViewRepository,
    DriftsViewRepository,
    ReleasesViewRepository,
    SourcesViewRepository,
    WindowsViewRepository,
  ],
})
export class ViewsModule {}
