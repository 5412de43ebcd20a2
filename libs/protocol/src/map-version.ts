import type { Version } from '@flotilla/domain';
import { NO_VERSION } from '@flotilla/domain';
import { fromWireCount } from './bytes.js';
import type { Version as WireVersion } from './generated/flotilla/agent/v1/agent.js';

export function toWireVersion(version: Version): WireVersion {
  return { generation: BigInt(version.generation), number: BigInt(version.number) };
}

/** Absent means no version yet. */
export function fromWireVersion(version: WireVersion | undefined): Version {
  if (version === undefined) return NO_VERSION;
  return { generation: fromWireCount(version.generation), number: fromWireCount(version.number) };
}
