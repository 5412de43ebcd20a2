import { Fault } from '@flotilla/domain';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90d`, `24h`, `30m`, `10s` in milliseconds. @throws Fault badInput */
export function durationOf(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const factor = UNITS[unit ?? ''];
  if (amount === undefined || factor === undefined)
    throw new Fault('badInput', `"${text}" is not a duration such as 30m or 24h`);
  return Number(amount) * factor;
}
