import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** One measured quantity. `bar` is what it should stay within, or reach (design: measures); `holds` says whether it does. */
export interface Measure {
  readonly metric: string;
  readonly unit: string;
  readonly n: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  readonly bar: number | null;
  readonly holds: boolean | null;
}

export interface BenchReport {
  readonly bench: string;
  readonly commit: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly Measure[];
}

export type Bench = (say: (words: string) => void) => Promise<Measure[]>;

export type Bar = ({ readonly max: number } | { readonly min: number }) & {
  /** Which statistic the bar is about. */
  readonly of: 'median' | 'p99';
};

function percentile(sorted: readonly number[], share: number): number {
  const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, at)] ?? Number.NaN;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Statistics over samples, and whether they stay within the bar. */
export function measure(metric: string, unit: string, samples: readonly number[], bar?: Bar): Measure {
  const sorted = [...samples].sort((a, b) => a - b);
  const stats = { median: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) ?? Number.NaN };
  return {
    metric,
    unit,
    n: samples.length,
    median: round(stats.median),
    p99: round(stats.p99),
    max: round(stats.max),
    ...judge(bar, stats),
  };
}

function judge(bar: Bar | undefined, stats: Readonly<Record<Bar['of'], number>>): Pick<Measure, 'bar' | 'holds'> {
  if (bar === undefined) return { bar: null, holds: null };
  const value = stats[bar.of];
  return 'max' in bar ? { bar: bar.max, holds: value <= bar.max } : { bar: bar.min, holds: value >= bar.min };
}

export function describeRun(bench: string, results: readonly Measure[]): BenchReport {
  const [cpu] = cpus();
  return {
    bench,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    versions: { node: process.versions.node },
    results,
  };
}

export function printReport({ bench, commit, machine, versions, results }: BenchReport): string {
  const head = `${bench} at ${commit} on ${machine}, node ${versions['node'] ?? ''}`;
  const rows = results.map(({ metric, unit, n, median, p99, max, bar, holds }) => {
    const verdict = holds === null ? '' : `   bar ${bar} ${unit}: ${holds ? 'holds' : 'MISSED'}`;
    return `  ${metric.padEnd(44)} n ${String(n).padStart(4)}   median ${median} ${unit}   p99 ${p99}   max ${max}${verdict}`;
  });
  return [head, ...rows].join('\n');
}
