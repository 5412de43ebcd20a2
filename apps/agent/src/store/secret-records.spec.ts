import { randomBytes } from 'node:crypto';
import { Fault } from '@flotilla/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeSecrets } from './fake-secrets.fixture.js';
import { SecretRecords } from './secret-records.js';

const NEVER = new AbortController().signal;
const bytes = (text: string): Uint8Array => Buffer.from(text);

async function reload(secrets: FakeSecrets): Promise<Record<string, string>> {
  const values = await new SecretRecords(secrets).load();
  const texts = [...values].map(([key, value]): [string, string] => [key, Buffer.from(value).toString('hex')]);
  return Object.fromEntries(texts.sort());
}

describe('SecretRecords', () => {
  it('gives back what was put, whatever the order of writes and restarts', async () => {
    const sizes = fc.constantFrom(0, 10, 20_000, 50_000, 700_000, 1_400_000);
    const act = fc.record({
      key: fc.constantFrom('desired/log', 'inventory/web', 'pack/a'),
      size: sizes,
      act: fc.constantFrom('put', 'remove', 'restart'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const secrets = new FakeSecrets();
        let records = new SecretRecords(secrets);
        const model = new Map<string, string>();
        for (const { key, size, act: what } of acts) {
          const value = randomBytes(size);
          if (what === 'restart') await (records = new SecretRecords(secrets)).load();
          else if (what === 'remove') await records.remove(key);
          else await records.put(key, value);
          if (what === 'remove') model.delete(key);
          else if (what === 'put') model.set(key, value.toString('hex'));
          expect(secrets.largest).toBeLessThan(900 * 1024);
        }
        expect(await reload(secrets)).toEqual(Object.fromEntries([...model].sort()));
      }),
      { numRuns: 15 },
    );
  });

  it('writes nothing for what is stored already, and removes what is empty', async () => {
    const secrets = new FakeSecrets();
    const records = new SecretRecords(secrets);
    await records.put('inventory/web', bytes('a'));
    await records.put('inventory/web', bytes('a'));
    const again = new SecretRecords(secrets);
    await again.load();
    await again.put('inventory/web', bytes('a'));
    expect(secrets.writes).toEqual(['create flotilla-records-0']);
    await again.remove('inventory/web');
    await again.remove('inventory/web');
    expect(secrets.secrets.size).toBe(0);
  });

  it('sends what comes during a write with the next one', async () => {
    const secrets = new FakeSecrets();
    const records = new SecretRecords(secrets);
    await Promise.all(Array.from({ length: 50 }, (_, index) => records.put(`inventory/app-${index}`, bytes('x'))));
    expect(secrets.writes.length).toBeLessThanOrEqual(2);
    expect(Object.keys(await reload(secrets))).toHaveLength(50);
  });

  it('says so when a write fails, and does not believe that it is stored', async () => {
    const secrets = new FakeSecrets();
    const records = new SecretRecords(secrets);
    secrets.failNext = 1;
    await expect(records.put('inventory/web', bytes('a'))).rejects.toThrow('away');
    await records.put('inventory/web', bytes('a'));
    expect(await reload(secrets)).toEqual({ 'inventory/web': '61' });
  });

  /** Records with two values, of which the cluster tells, and what they had to say. */
  async function followed(): Promise<{ secrets: FakeSecrets; records: SecretRecords; told: string[] }> {
    const secrets = new FakeSecrets();
    const told: string[] = [];
    const records = new SecretRecords(secrets, {
      damaged: (secret, damage) => told.push(`${secret} ${damage}`),
      unreadable: (key) => told.push(`${key} unreadable`),
    });
    await records.put('inventory/web', bytes('a'));
    await records.put('inventory/api', bytes('b'));
    return { secrets, records, told };
  }

  const BOTH = { 'inventory/web': '61', 'inventory/api': '62' };

  it('writes a Secret that was deleted by hand again, whole, as soon as the cluster tells', async () => {
    const { secrets, records, told } = await followed();
    await secrets.follow(NEVER, (name, version) => records.seen(name, version, NEVER));
    secrets.lose('flotilla-records-0');
    await expect.poll(() => reload(secrets)).toEqual(BOTH);
    expect(told).toEqual(['flotilla-records-0 deleted']);
    await records.put('inventory/web', bytes('c'));
    expect(await reload(secrets)).toEqual({ ...BOTH, 'inventory/web': '63' });
  });

  it('notices at the next save what the cluster did not tell, and keeps every record', async () => {
    const { secrets, records, told } = await followed();
    secrets.lose('flotilla-records-0');
    await records.put('inventory/web', bytes('c'));
    expect(await reload(secrets)).toEqual({ ...BOTH, 'inventory/web': '63' });
    secrets.touch('flotilla-records-0', { inventory__api: bytes('x'), inventory__new: bytes('y') });
    await records.put('inventory/web', bytes('d'));
    expect(await reload(secrets)).toEqual({ ...BOTH, 'inventory/web': '64' });
    expect(told).toEqual(['flotilla-records-0 deleted', 'flotilla-records-0 changed']);
  });

  it('puts right what was edited by hand, and leaves a label alone', async () => {
    const { secrets, records, told } = await followed();
    await secrets.follow(NEVER, (name, version) => records.seen(name, version, NEVER));
    const before = secrets.writes.length;
    secrets.touch('flotilla-records-0');
    await records.put('inventory/web', bytes('a'));
    await expect.poll(() => secrets.writes.length).toBe(before);
    secrets.touch('flotilla-records-0', { inventory__api: bytes('edited') });
    await expect.poll(() => reload(secrets)).toEqual(BOTH);
    expect(told).toEqual(['flotilla-records-0 changed']);
    // What it writes itself is no news.
    await records.remove('inventory/web');
    await records.remove('inventory/api');
    expect([secrets.secrets.size, told.length]).toEqual([0, 1]);
  });

  it('a write whose answer was lost is nobody’s edit', async () => {
    const { secrets, records, told } = await followed();
    const patch = secrets.patch.bind(secrets);
    secrets.patch = async (name, version, data) => {
      await patch(name, version, data);
      secrets.patch = patch;
      throw new Fault('timeout', 'no answer');
    };
    await expect(records.put('inventory/web', bytes('c'))).rejects.toThrow('no answer');
    await records.put('inventory/web', bytes('c'));
    expect(await reload(secrets)).toEqual({ ...BOTH, 'inventory/web': '63' });
    expect(told).toEqual([]);
  });

  it('a value whose parts are gone is lost, and the others are not', async () => {
    const { secrets, records, told } = await followed();
    await records.put('pack/a', randomBytes(1_400_000));
    const part = [...secrets.secrets.values()].find(({ data }) =>
      Object.keys(data).some((key) => /part-.*-1$/.test(key)),
    );
    await secrets.remove(part?.name ?? '');
    expect(await reload(secrets)).toEqual(BOTH);
    expect(told).toEqual([]);
  });

  it('drops parts that a crash left without their value', async () => {
    const secrets = new FakeSecrets();
    const records = new SecretRecords(secrets);
    await records.put('pack/a', randomBytes(1_400_000));
    const whole = await reload(secrets);
    const index = [...secrets.secrets.values()].find(({ data }) => 'pack__a' in data);
    await secrets.remove(index?.name ?? '');
    expect(await reload(secrets)).toEqual({});
    expect(Object.keys(whole)).toEqual(['pack/a']);
    expect(secrets.secrets.size).toBe(0);
  });
});
