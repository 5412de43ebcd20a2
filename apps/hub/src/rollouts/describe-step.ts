import type { RolloutStep } from '@flotilla/domain';

interface Subject {
  readonly app: string;
  readonly number: number;
  /** Name of the step's cluster. */
  readonly cluster: string | undefined;
}

interface Words extends Subject {
  /** `web #5`. */
  readonly release: string;
  /** ` on eu-1`, or empty. */
  readonly on: string;
  readonly wave: string;
  readonly message: string;
}

const LINES: Readonly<Record<RolloutStep['kind'], (words: Words) => string>> = {
  started: ({ release }) => `${release} starts`,
  startedOver: ({ release }) => `${release} starts over`,
  waveStarted: ({ release, wave, message }) => `${release} enters wave ${wave}: ${message}`,
  waveDone: ({ release, wave, message }) => `${release} wave ${wave} done: ${message}`,
  assigned: ({ release, on }) => `${release} allowed${on}`,
  failed: ({ release, on, message }) => `${release} failed${on}: ${message}`,
  returned: ({ app, on, message }) => `${app} returns${on} ${message}`,
  held: ({ release, message }) => `${release} held: ${message}`,
  halted: ({ release, message }) => `${release} HALTED ${message}`,
  acted: ({ release, message }) => `${release}: ${message}`,
  done: ({ release }) => `${release} done`,
};

/** One line of the live stream, e.g. `web #5 allowed on eu-1`. */
export function describeStep({ kind, wave = '', message }: RolloutStep, subject: Subject): string {
  const { app, number, cluster } = subject;
  const on = cluster === undefined ? '' : ` on ${cluster}`;
  return LINES[kind]({ ...subject, release: `${app} #${number}`, on, wave, message });
}
