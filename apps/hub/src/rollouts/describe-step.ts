import type { RolloutStep } from '@flotilla/domain';

interface Subject {
  readonly app: string;
  readonly number: number;
  /** Name of the step's cluster. */
  readonly cluster: string | undefined;
}

/** One line of the live stream, e.g. `web #5 allowed on eu-1`. */
export function describeStep(step: RolloutStep, { app, number, cluster }: Subject): string {
  const release = `${app} #${number}`;
  const on = cluster === undefined ? '' : ` on ${cluster}`;
  switch (step.kind) {
    case 'started':
      return `${release} starts`;
    case 'startedOver':
      return `${release} starts over`;
    case 'waveStarted':
      return `${release} enters wave ${step.wave ?? ''}: ${step.message}`;
    case 'waveDone':
      return `${release} wave ${step.wave ?? ''} done: ${step.message}`;
    case 'assigned':
      return `${release} allowed${on}`;
    case 'failed':
      return `${release} failed${on}: ${step.message}`;
    case 'returned':
      return `${app} returns${on} ${step.message}`;
    case 'held':
      return `${release} held: ${step.message}`;
    case 'halted':
      return `${release} HALTED: ${step.message}`;
    case 'acted':
      return `${release}: ${step.message}`;
    case 'done':
      return `${release} done`;
  }
}
