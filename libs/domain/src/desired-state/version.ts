/** Orders desired states of one cluster: by generation, then by number. A restored hub goes on in a higher generation. */
export interface Version {
  readonly generation: number;
  readonly number: number;
}

export const NO_VERSION: Version = { generation: 0, number: 0 };

/** Negative when a is older than b, 0 when they are the same. */
export function orderVersions(a: Version, b: Version): number {
  return a.generation - b.generation || a.number - b.number;
}

/** `2.17`, for people. */
export function printVersion(version: Version): string {
  return `${version.generation}.${version.number}`;
}
