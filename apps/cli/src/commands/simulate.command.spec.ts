import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../config/environment.js';
import { runCli } from '../run-cli.js';

const WAVES = `kind: RolloutStrategy
metadata: {name: rings}
spec:
  waves:
    - {name: canary, selector: ring=0, soak: 30m}
    - {name: early, selector: ring=1, approval: required, maxConcurrent: 25%}
    - {name: rest, group: edge, maxConcurrent: 100%, maxFailures: 1}
---
kind: ClusterGroup
metadata: {name: edge}
spec: {selector: "size>3,!lab"}
`;

interface Answer {
  readonly code: number;
  readonly lines: readonly string[];
  readonly err: string;
}

async function simulate(text: string, ...args: readonly string[]): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-simulate-'));
  const file = join(folder, 'strategy.yaml');
  await writeFile(file, text);
  const environment = readEnvironment({ FLOTILLA_CONFIG: join(folder, 'config.json') }, {});
  let [out, err] = ['', ''];
  const streams = { out: (more: string) => void (out += more), err: (more: string) => void (err += more) };
  const code = await runCli(['rollout', 'simulate', '--file', file, ...args], { environment, streams });
  return { code, lines: out.split('\n').map((line) => line.replace(/ {2,}/g, '  ')), err };
}

describe('rollout simulate', () => {
  it('draws what would happen when', async () => {
    const { code, lines } = await simulate(WAVES, '--clusters', '25');
    expect(code).toBe(0);
    expect(lines).toEqual([
      'TIME  WAVE  WHAT',
      '0s  the release starts',
      '0s  canary  begins: 1 target',
      '0s  canary  allowed on canary-001',
      '31m  canary  done: 1 healthy',
      '36m  approve by simulated person:',
      '36m  early  begins: 10 targets',
      '36m  early  allowed on early-001, early-002',
      '37m  early  allowed on early-003, early-004',
      '38m  early  allowed on early-005, early-006',
      '39m  early  allowed on early-007, early-008',
      '40m  early  allowed on early-009, early-010',
      '41m  early  done: 10 healthy',
      '41m  rest  begins: 14 targets',
      '41m  rest  allowed on 14 clusters: rest-001 … rest-014',
      '42m  rest  done: 14 healthy',
      '42m  the rollout is done',
      '',
      'WAVE  STATE  TARGETS  HEALTHY  FAILED  SPAN',
      'canary  done  1  1  0  |==============================  |',
      'early  done  10  10  0  |  ===== |',
      'rest  done  14  14  0  |  =|',
      '',
      'done after 42m',
      '',
    ]);
  });

  it('stops where failures are beyond the budget, and says so by its exit code', async () => {
    const canary = await simulate(WAVES, '--fail', '1', '--in', 'canary');
    expect(canary.code).toBe(1);
    expect(canary.lines.at(-2)).toBe(
      'halted after 1m: failureBudget, 1 failure, budget 0; what helps: a newer release, retry, skip or rollback',
    );
    expect((await simulate(WAVES, '--fail', '1', '--in', 'rest')).code).toBe(0);
    expect((await simulate(WAVES, '--fail', '2', '--in', 'rest')).lines.at(-2)).toMatch(
      /^halted after 42m: .*budget 1/,
    );
  });

  it('waits for a person who never comes', async () => {
    const { code, lines } = await simulate(WAVES, '--approve-after', 'never', '--size', 'canary=2', 'early=3');
    expect(code).toBe(1);
    expect(lines.at(-2)).toMatch(/^running after 32m: approval, operator/);
    expect(lines).toContain('0s  canary  begins: 2 targets');
  });

  it('prints data', async () => {
    const { lines } = await simulate(WAVES, '-o', 'json');
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      state: 'done',
      waves: [{ name: 'canary', targets: 1 }, { name: 'early' }, { name: 'rest' }],
    });
  });

  it('refuses what it cannot play', async () => {
    const bad = WAVES.replace('soak: 30m', 'soak: -1');
    expect(await simulate(bad)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/strategy\.yaml:5:.*spec\.waves\[0\]\.soak/) as string,
    });
    expect(await simulate(WAVES, '--in', 'nowhere')).toMatchObject({ code: 2 });
    expect(await simulate(WAVES, '--size', 'canary')).toMatchObject({ code: 2 });
    expect(await simulate(WAVES, '--clusters', 'many')).toMatchObject({ code: 2 });
    expect(await simulate('kind: ClusterGroup\nmetadata: {name: edge}\nspec: {selector: a=b}\n')).toMatchObject({
      code: 2,
    });
  });
});
