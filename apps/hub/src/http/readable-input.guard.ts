import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';

interface Incoming {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** U+0000 is no text for Postgres, and of no use in any name or reason: whoever sends it is told so. */
@Injectable()
export class ReadableInputGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { params, query, body } = context.switchToHttp().getRequest<Incoming>();
    const place = Object.entries({ path: params, query, body }).find(([, value]) => holdsNul(value))?.[0];
    if (place === undefined) return true;
    throw new Fault('badInput', `the ${place} holds the character U+0000`, 'leave it out');
  }
}

/** Without recursion: how deep a body is nested is up to its sender. */
function holdsNul(value: unknown): boolean {
  const left: unknown[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string' && next.includes('\0')) return true;
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array) continue;
    for (const [key, each] of Object.entries(next)) left.push(key, each ?? '');
  }
  return false;
}
