import type { Identity } from '../access/index.js';
import type { ActRequestDto } from '../web/index.js';
import type { Actor } from './clusters.service.js';

/** Who asks, why, and by which request. */
export function actorOf({ name }: Identity, { requestId, reason }: ActRequestDto): Actor {
  return { name, ...(requestId === undefined ? {} : { requestId }), ...(reason === undefined ? {} : { reason }) };
}
