import { createServer } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryIdentity } from '../store/identity.js';
import { certificateRequest, makeKey } from './certificate-request.js';
import { enrol } from './enrol.js';
import { FakeHub } from './fake-hub.fixture.js';
import { renewAt } from './renew.js';
import { makeAuthority } from './test-authority.fixture.js';

const facts = { clusterUid: 'uid-1', agentVersion: '0.1.0' };

describe('enrol', () => {
  it('turns a token into an identity for the key that was stored before', async () => {
    await using hub = await FakeHub.start();
    const store = new MemoryIdentity();
    const key = makeKey();
    await store.savePendingKey(key);
    const identity = await enrol({ ...facts, joinAddress: hub.joinAddress, token: hub.printedToken }, store);
    expect(identity).toMatchObject({ clusterId: 'c-1', clusterName: 'eu-1', key, agentsAddress: hub.agentsAddress });
    expect(new X509Certificate(identity.certificate).issuer).toBe('CN=test hub');
    expect(await store.load()).toEqual(identity);
    expect(await store.loadPendingKey()).toBeUndefined();
  });

  it('keeps its key when the answer is lost, so that asking again asks for the same', async () => {
    await using hub = await FakeHub.start();
    const store = new MemoryIdentity();
    hub.loseNextEnrolment = true;
    const enrolment = { ...facts, joinAddress: hub.joinAddress, token: hub.printedToken };
    await expect(enrol(enrolment, store)).rejects.toThrow();
    const kept = await store.loadPendingKey();
    expect((await enrol(enrolment, store)).key).toBe(kept);
    expect(new Set(hub.enrolledKeys).size).toBe(1);
  });

  it('is refused by the hub with its reason, and stores no identity', async () => {
    await using hub = await FakeHub.start();
    const store = new MemoryIdentity();
    const token = hub.printedToken.replace('open-sesame', 'wrong');
    await expect(enrol({ ...facts, joinAddress: hub.joinAddress, token }, store)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'the join token is not known',
    });
    expect(await store.load()).toBeUndefined();
  });

  it('sends nothing to a server whose key the token does not pin', async () => {
    const heard: string[] = [];
    await using foreign = await FakeHub.start(await makeAuthority());
    await using hub = await FakeHub.start();
    foreign.onEnrol = (token) => heard.push(token);
    const attempt = enrol(
      { ...facts, joinAddress: foreign.joinAddress, token: hub.printedToken },
      new MemoryIdentity(),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'unauthenticated', message: /does not have the key/ });
    expect(heard).toEqual([]);
  });

  it('sends nothing to a server that shows the pinned certificate without being certified by it', async () => {
    await using hub = await FakeHub.start();
    const imposter = await hub.imposter();
    let bytes = 0;
    const server = createServer(imposter, (socket) => socket.on('data', (chunk: Buffer) => (bytes += chunk.length)));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const attempt = enrol(
      { ...facts, joinAddress: `127.0.0.1:${port}`, token: hub.printedToken },
      new MemoryIdentity(),
    );
    await expect(attempt).rejects.toMatchObject({ kind: 'transient' });
    expect(bytes).toBe(0);
    server.close();
  });

  it('says that nobody is there', async () => {
    const token = `flt1.a.b.${Buffer.alloc(32).toString('base64url')}`;
    const attempt = enrol({ ...facts, joinAddress: '127.0.0.1:1', token }, new MemoryIdentity());
    await expect(attempt).rejects.toMatchObject({
      code: 'unavailable',
      message: /join listener at 127.0.0.1:1 cannot be reached/,
    });
  });
});

describe('renewAt', () => {
  it('is at two thirds of the life, or up to a tenth of it earlier', async () => {
    await using hub = await FakeHub.start();
    hub.certificateLifeMs = 90 * 86_400_000;
    const { certificate } = await hub.certify(certificateRequest(makeKey()));
    const pem = new X509Certificate(certificate).toString();
    const days = [0, 1].map((random) => (renewAt(pem, random) - Date.now()) / 86_400_000);
    expect(days.map(Math.round)).toEqual([60, 51]);
  });
});
