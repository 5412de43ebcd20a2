import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { parseTokenForHub, wireJoin } from '@flotilla/protocol';
import { AuthorityService, EnrolmentService, IdentityService, PublicAddresses, RefusalLog } from '../clusters/index.js';
import { Logger } from '../logging/index.js';
import { toServiceError } from './grpc-status.js';
import { RateLimit } from './rate-limit.js';

/** Calls from one address, and from all, that are under way or have failed: a fleet may join at once, guessing is slow. */
const PER_ADDRESS = { burst: 200, perSecond: 10 };
const OVERALL = { burst: 500, perSecond: 50 };

/** JoinService of the wire: the one place where a caller without a certificate is heard. */
@Injectable()
export class JoinHandlers {
  private readonly addresses = new RateLimit(PER_ADDRESS);
  private readonly overall = new RateLimit(OVERALL);

  constructor(
    @Inject(EnrolmentService) private readonly enrolments: EnrolmentService,
    @Inject(IdentityService) private readonly identities: IdentityService,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(PublicAddresses) private readonly publicAddresses: PublicAddresses,
    @Inject(RefusalLog) private readonly refusals: RefusalLog,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  get service(): typeof wireJoin.JoinServiceService {
    return wireJoin.JoinServiceService;
  }

  /** The functions that gRPC calls. */
  handlers(): wireJoin.JoinServiceServer {
    return {
      enroll: (call, reply) => void this.answer(call, reply, () => this.enrol(call)),
      renewExpired: (call, reply) => void this.answer(call, reply, () => this.renewExpired(call)),
    };
  }

  private async enrol(
    call: ServerUnaryCall<wireJoin.EnrollRequest, wireJoin.EnrollResponse>,
  ): Promise<wireJoin.EnrollResponse> {
    const { token, csr, clusterUid } = call.request;
    const attempt = { token: parseTokenForHub(token), csr, kubeUid: clusterUid, from: call.getPeer() };
    const enrolled = await this.enrolments.enrol(attempt);
    return {
      clusterId: enrolled.clusterUid,
      clusterName: enrolled.clusterName,
      certificate: enrolled.certificate,
      trust: { authorities: [...this.authority.trustBundle] },
      agentsAddress: this.publicAddresses.of('agents'),
    };
  }

  private async renewExpired(
    call: ServerUnaryCall<wireJoin.RenewExpiredRequest, wireJoin.RenewExpiredResponse>,
  ): Promise<wireJoin.RenewExpiredResponse> {
    const certificate = await this.identities.renewExpired(call.request, call.getPeer());
    return { certificate, trust: { authorities: [...this.authority.trustBundle] } };
  }

  private async answer<Q, R>(
    call: ServerUnaryCall<Q, R>,
    reply: sendUnaryData<R>,
    work: () => Promise<R>,
  ): Promise<void> {
    const address = call.getPeer().replace(/:\d+$/, '');
    try {
      await this.admit(address);
      const answer = await work();
      this.addresses.giveBack(address);
      this.overall.giveBack('');
      reply(null, answer);
    } catch (error) {
      if (!(error instanceof Fault)) this.log.error({ err: error }, 'joining failed');
      reply(toServiceError(error));
    }
  }

  /** @throws Fault rateLimited */
  private async admit(address: string): Promise<void> {
    if (this.addresses.take(address) && this.overall.take('')) return;
    await this.refusals.record({ action: 'cluster.join', subject: address, reason: 'too many calls', from: address });
    throw new Fault('rateLimited', 'too many calls: try again later');
  }
}
