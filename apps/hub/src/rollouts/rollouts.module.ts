import { Module } from '@nestjs/common';
import { SessionRegistry } from '../delivery/index.js';
import { FleetsModule } from '../fleets/index.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import { RolloutActs } from './rollout-acts.service.js';
import { RolloutActsRepository } from './rollout-acts.repository.js';
import { RolloutDriver } from './rollout-driver.service.js';
import { RolloutFactsRepository } from './rollout-facts.repository.js';
import { RolloutPlanRepository } from './rollout-plan.repository.js';
import { RolloutsController } from './rollouts.controller.js';
import { RolloutsQuery } from './rollouts.query.js';
import { RolloutsReadRepository } from './rollouts-read.repository.js';
import { LiveSessions } from './sessions.port.js';

@Module({
  imports: [FleetsModule],
  controllers: [RolloutsController],
  providers: [
    { provide: LiveSessions, useExisting: SessionRegistry },
    FleetLiveness,
    RolloutFactsRepository,
    RolloutPlanRepository,
    RolloutDriver,
    RolloutActsRepository,
    RolloutActs,
    RolloutsReadRepository,
    RolloutsQuery,
  ],
  exports: [RolloutActs, RolloutsQuery],
})
export class RolloutsModule {}
