import { Module } from '@nestjs/common';
import { AuthorityRepository } from './authority.repository.js';
import { AuthorityService } from './authority.service.js';
import { ClusterActs } from './cluster-acts.service.js';
import { ClusterRepository } from './cluster.repository.js';
import { ClustersController } from './clusters.controller.js';
import { ClustersService } from './clusters.service.js';
import { EnrolmentRepository } from './enrolment.repository.js';
import { EnrolmentService } from './enrolment.service.js';
import { IdentityService } from './identity.service.js';
import { JoinTokensController } from './join-tokens.controller.js';
import { PublicAddresses } from './public-addresses.js';
import { RefusalLog } from './refusal-log.service.js';

@Module({
  controllers: [ClustersController, JoinTokensController],
  providers: [
    AuthorityRepository,
    AuthorityService,
    ClusterActs,
    ClusterRepository,
    ClustersService,
    EnrolmentRepository,
    EnrolmentService,
    IdentityService,
    PublicAddresses,
    RefusalLog,
  ],
  exports: [
    AuthorityService,
    ClusterActs,
    ClustersService,
    EnrolmentService,
    IdentityService,
    PublicAddresses,
    RefusalLog,
  ],
})
export class ClustersModule {}
