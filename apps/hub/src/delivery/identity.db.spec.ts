import { randomUUID } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { parseJoinToken, wire } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import {
  createAuthority,
  issueAgentCertificate,
  openAuthority,
  readCertificateRequest,
} from '../clusters/certificates.js';
import { ADMIN, DeliveryHub } from './delivery-hub.fixture.js';
import { FakeAgent, authorityOf, enrol, makeCsr, makeKeys } from './fake-agent.fixture.js';

const joinToken = async (hub: DeliveryHub, name = 'eu-1'): Promise<string> =>
  (await hub.clusters.createJoin(name, {}, ADMIN)).token;

async function joined(hub: DeliveryHub, name = 'eu-1'): Promise<FakeAgent> {
  return FakeAgent.enrol(hub.joinAddress, await joinToken(hub, name));
}

describe('joining', () => {
  it('gives the same token and key the same identity, and another key nothing', async () => {
    await using hub = await DeliveryHub.start();
    const [token, keys, kubeUid] = [await joinToken(hub), await makeKeys(), randomUUID()];
    const first = await enrol(hub.joinAddress, { token, keys, kubeUid });
    const second = await enrol(hub.joinAddress, { token, keys, kubeUid });
    expect(second.clusterId).toBe(first.clusterId);
    // The answer that arrived last is the one that works.
    using agent = await FakeAgent.with(second, { keys, kubeUid, address: second.agentsAddress });
    expect((await agent.connect()).clusterId).toBe(first.clusterId);

    const other = { token, keys: await makeKeys(), kubeUid };
    await expect(enrol(hub.joinAddress, other)).rejects.toThrow('was used with another key');
    await expect(enrol(hub.joinAddress, { token, keys, kubeUid: randomUUID() })).rejects.toThrow('another cluster');
    const refusals = (await hub.audit('cluster.join')).filter(({ outcome }) => outcome === 'refused');
    expect(refusals.map(({ reason }) => reason)).toEqual([
      'the join token was used with another key',
      'the token belongs to another cluster: the UID of kube-system differs',
    ]);
    expect(refusals[0]?.subject).toBe(`token ${parseJoinToken(token).id}`);
  });

  it('refuses an expired token, an unknown one, a wrong secret, and names that are taken', async () => {
    await using hub = await DeliveryHub.start();
    const [expired, rival] = [await joinToken(hub), await joinToken(hub)];
    const [keys, kubeUid] = [await makeKeys(), randomUUID()];
    await hub.db.query(`UPDATE join_token SET expires_at = now() WHERE id = $1`, [parseJoinToken(expired).id]);
    await expect(enrol(hub.joinAddress, { token: expired, keys, kubeUid })).rejects.toThrow('has expired');
    const { id, pin } = parseJoinToken(rival);
    await expect(enrol(hub.joinAddress, { token: `flt1.${id}.x.${pin}`, keys, kubeUid })).rejects.toThrow('is unknown');
    await expect(enrol(hub.joinAddress, { token: `flt1.zz.x.${pin}`, keys, kubeUid })).rejects.toThrow('is unknown');

    const winner = await joinToken(hub);
    await enrol(hub.joinAddress, { token: winner, keys, kubeUid });
    const late = { token: rival, keys: await makeKeys(), kubeUid: randomUUID() };
    await expect(enrol(hub.joinAddress, late)).rejects.toThrow('a cluster with this name is enrolled already');
    await expect(joinToken(hub)).rejects.toThrow('there is a cluster eu-1 already');
    await expect(joinToken(hub, 'Not A Name')).rejects.toThrow('no cluster name');
  });

  it('shows an authority that tokens pin, the same after a restart', async () => {
    await using hub = await DeliveryHub.start();
    const { pin } = parseJoinToken(await joinToken(hub));
    await expect(authorityOf(hub.joinAddress, pin)).resolves.toContain('BEGIN CERTIFICATE');
    const again = await hub.another();
    try {
      const [row] = await hub.db.query<{ count: string }[]>('SELECT count(*) FROM authority');
      expect(row?.count).toBe('1');
    } finally {
      await again.close();
    }
  });
});

describe('the agents listener', () => {
  it('turns away callers without a certificate and with a foreign one, and says so', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await joined(hub);
    const trust = Buffer.from(await authorityOf(hub.joinAddress, hub.authority.pin));
    const bare = new wire.AgentServiceClient(hub.agentsAddress, credentials.createSsl(trust));
    const failed = new Promise<Error>((resolve) => bare.renew({ csr: Buffer.alloc(0) }, (error) => resolve(error!)));
    expect((await failed).message).toContain('UNAVAILABLE');
    bare.close();
    await eventually(async () =>
      expect(await hub.audit('cluster.connect')).toMatchObject([{ reason: 'no client certificate' }]),
    );

    const made = await createAuthority(new Date());
    const foreign = await openAuthority(made.certificate, made.privateKey);
    const { spki } = await readCertificateRequest(await makeCsr(agent.keys));
    const { certificate } = await issueAgentCertificate(foreign, {
      spki,
      uid: agent.enrolled.clusterId,
      now: new Date(),
    });
    const options = { keys: agent.keys, kubeUid: agent.kubeUid, address: hub.agentsAddress };
    using impostor = await FakeAgent.with({ ...agent.enrolled, certificate }, options);
    impostor.open();
    await eventually(() => expect(impostor.error?.message).toContain('UNAVAILABLE'));
    await eventually(async () =>
      expect((await hub.audit('cluster.connect')).map(({ reason }) => reason)).toContain(
        'the client certificate comes from a foreign authority',
      ),
    );
    expect(hub.sessions.count).toBe(0);

    const expired = { certificate, csr: await makeCsr(agent.keys), proof: Buffer.alloc(0) };
    await expect(hub.identities.renewExpired(expired, '10.0.0.7:1')).rejects.toThrow('was not issued by this hub');
    expect(await hub.audit('cluster.renew')).toMatchObject([
      {
        subject: 'eu-1',
        outcome: 'refused',
        reason: 'the certificate was not issued by this hub',
      },
    ]);
  });

  it('renews: a repeated renewal overwrites the unused next, the first session supersedes the old', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await joined(hub);
    await agent.connect();
    const keys = await makeKeys();
    const lost = await agent.renew(keys);
    const kept = await agent.renew(keys);
    const options = { keys, kubeUid: agent.kubeUid, address: hub.agentsAddress };
    using stranded = await FakeAgent.with({ ...agent.enrolled, certificate: lost.certificate }, options);
    stranded.open();
    expect((await stranded.next('goodbye')).reason).toBe('revoked');
    using renewed = await FakeAgent.with({ ...agent.enrolled, certificate: kept.certificate }, options);
    await renewed.connect();
    expect((await agent.next('goodbye')).reason).toBe('superseded');

    // The old certificate now means that the cluster came back from a backup.
    agent.open();
    expect((await agent.next('goodbye')).reason).toBe('rejoin');
    expect((await hub.clusters.get('eu-1')).state).toBe('rejoin');
    expect((await renewed.next('goodbye')).reason).toBe('rejoin');
    renewed.open();
    expect((await renewed.next('goodbye')).reason).toBe('rejoin');

    const { token } = await hub.clusters.createRejoin('eu-1', ADMIN);
    using back = await FakeAgent.enrol(hub.joinAddress, token, { kubeUid: agent.kubeUid });
    expect((await back.connect()).clusterId).toBe(agent.enrolled.clusterId);
    expect((await hub.clusters.get('eu-1')).state).toBe('joined');
  });

  it('quarantines a clone and its original, and lets nobody else in their place', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await joined(hub);
    await agent.connect();
    const options = { keys: agent.keys, kubeUid: randomUUID(), address: hub.agentsAddress };
    using clone = await FakeAgent.with(agent.enrolled, options);
    clone.open();
    expect((await clone.next('goodbye')).reason).toBe('cloned');
    expect((await agent.next('goodbye')).reason).toBe('cloned');
    expect((await hub.clusters.get('eu-1')).state).toBe('quarantined');
    agent.open();
    expect((await agent.next('goodbye')).reason).toBe('cloned');
    const [refusal] = await hub
      .audit('cluster.connect')
      .then((rows) => rows.filter(({ outcome }) => outcome === 'refused'));
    expect(refusal).toMatchObject({
      subject: 'eu-1',
      reason: 'another cluster uses this identity: both are quarantined',
    });
  });

  it('cuts the session of a revoked cluster, and lets it rejoin', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await joined(hub);
    await agent.connect();
    await hub.clusters.revoke('eu-1', 'laptop lost', ADMIN);
    expect((await agent.next('goodbye')).reason).toBe('revoked');
    await eventually(() => expect(agent.ended || agent.error).toBeTruthy());
    agent.open();
    expect((await agent.next('goodbye')).reason).toBe('revoked');

    const { token } = await hub.clusters.createRejoin('eu-1', ADMIN);
    using back = await FakeAgent.enrol(hub.joinAddress, token, { kubeUid: agent.kubeUid });
    await back.connect();
  });
});
