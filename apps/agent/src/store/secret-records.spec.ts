import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeSecrets } from './fake-secrets.fixture.js';
import { SecretRecords } from './secret-records.js';

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

  it('bears a label on its Secrets, and no other writer', async () => {
    const secrets = new FakeSecrets();
    const records = new SecretRecords(secrets);
    await records.put('inventory/web', bytes('a'));
    secrets.touch('flotilla-records-0');
    await records.put('inventory/web', bytes('b'));
    secrets.touch('flotilla-records-0', { inventory__api: bytes('from elsewhere') });
    await expect(records.put('inventory/web', bytes('c'))).rejects.toThrow('another writer');
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
