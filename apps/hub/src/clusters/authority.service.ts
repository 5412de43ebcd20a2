import type { OnModuleInit } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { Sealer } from '../sealing/index.js';
import { AuthorityRepository } from './authority.repository.js';
import type { Authority, IssuedCertificate, ServingCertificate } from './certificates.js';
import {
  createAuthority,
  issueAgentCertificate,
  issueServingCertificate,
  openAuthority,
  pinOfAuthority,
  pem,
} from './certificates.js';

const PURPOSE = 'authority';

/** The hub's own certificate authority, made at the first start and kept in the database, its key sealed with the hub key. */
@Injectable()
export class AuthorityService implements OnModuleInit {
  private present: Authority | undefined;
  private certificates: Buffer[] = [];

  constructor(
    @Inject(AuthorityRepository) private readonly authorities: AuthorityRepository,
    @Inject(Sealer) private readonly sealer: Sealer,
  ) {}

  async onModuleInit(): Promise<void> {
    const stored = await this.authorities.loadOrCreate(async () => {
      const { certificate, privateKey } = await createAuthority(new Date());
      return { certificate, sealedKey: this.sealer.seal(PURPOSE, privateKey) };
    });
    const present = stored.find(({ state }) => state === 'present');
    if (!present) throw new Error('the database has no present certificate authority');
    this.present = await openAuthority(present.certificate, this.openKey(present.sealedKey));
    this.certificates = stored.map(({ certificate }) => certificate);
  }

  private openKey(sealed: Buffer): Buffer {
    try {
      return this.sealer.open(PURPOSE, sealed);
    } catch (cause) {
      throw new Error('the hub key is not the one that sealed the certificate authority in this database', { cause });
    }
  }

  private get authority(): Authority {
    if (!this.present) throw new Error('the certificate authority is not loaded yet');
    return this.present;
  }

  /** Certificates (DER) that agents must accept, and whose agents the hub accepts. */
  get trustBundle(): readonly Buffer[] {
    return this.certificates;
  }

  /** The same as PEM. */
  get trustPem(): string[] {
    return this.trustBundle.map((der) => pem('CERTIFICATE', der));
  }

  /** DER of the authority that signs now. */
  get certificate(): Buffer {
    return this.authority.certificate;
  }

  get pin(): string {
    return pinOfAuthority(this.authority.certificate);
  }

  issueAgent(spki: Buffer, uid: string): Promise<IssuedCertificate> {
    return issueAgentCertificate(this.authority, { spki, uid, now: new Date() });
  }

  /** @param hosts names and addresses under which the listener is reached. */
  issueServing(hosts: readonly string[]): Promise<ServingCertificate> {
    return issueServingCertificate(this.authority, hosts, new Date());
  }
}
