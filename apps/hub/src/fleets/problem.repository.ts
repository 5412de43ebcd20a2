import { Injectable } from '@nestjs/common';
import type { Digest, FoundProblem } from '@flotilla/domain';
import { sha256Hex } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { toBytes } from '../database/index.js';

/** A problem with where its file is. */
export interface LocatedProblem extends FoundProblem {
  readonly source: string;
  readonly commit: string;
}

/** The problems that are there now. One that stays keeps the time since when it is there, also when its line moves. */
@Injectable()
export class ProblemRepository {
  /** Replaces all that parsing, matching and rendering found. */
  async replace(tx: EntityManager, problems: readonly LocatedProblem[]): Promise<void> {
    const keyed = [...withKeys(problems)];
    const column = <T>(pick: (problem: LocatedProblem) => T): T[] => keyed.map(([, problem]) => pick(problem));
    const keys = keyed.map(([key]) => toBytes(key));
    await tx.query(`DELETE FROM problem WHERE origin <> 'source' AND NOT (key = ANY($1))`, [keys]);
    if (keyed.length === 0) return;
    await tx.query(
      `INSERT INTO problem (key, origin, code, severity, subject_kind, subject_name, source, commit, file, line, "column",
         field, message, hint, clusters)
       SELECT key, origin, code, severity, subject_kind, subject_name, source, commit, file, line, col, field, message, hint,
         ARRAY(SELECT jsonb_array_elements_text(clusters))
       FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::int[], $11::int[], $12::text[], $13::text[], $14::text[], $15::jsonb[])
         AS p(key, origin, code, severity, subject_kind, subject_name, source, commit, file, line, col, field, message, hint, clusters)
       ON CONFLICT (key) DO UPDATE SET severity = EXCLUDED.severity, commit = EXCLUDED.commit, line = EXCLUDED.line,
         "column" = EXCLUDED."column", hint = EXCLUDED.hint, clusters = EXCLUDED.clusters`,
      [
        keys,
        column(({ origin }) => origin),
        column(({ code }) => code),
        column(({ severity }) => severity),
        column(({ subject }) => subject.kind),
        column(({ subject }) => subject.name),
        column(({ source }) => source),
        column(({ commit }) => commit),
        column(({ place }) => place.file),
        column(({ place }) => place.line),
        column(({ place }) => place.column),
        column(({ field }) => field),
        column(({ message }) => message),
        column(({ hint }) => hint),
        column(({ clusters }) => JSON.stringify(clusters)),
      ],
    );
  }
}

/** Keys without the line; the second of two that are otherwise equal counts on. */
function withKeys(problems: readonly LocatedProblem[]): Map<Digest, LocatedProblem> {
  const keyed = new Map<Digest, LocatedProblem>();
  for (const problem of problems) {
    const { origin, code, subject, source, place, field, message } = problem;
    const parts = [origin, code, subject.kind, subject.name, source, place.file, field, message];
    let key = sha256Hex(JSON.stringify(parts));
    for (let copy = 2; keyed.has(key); copy += 1) key = sha256Hex(JSON.stringify([...parts, copy]));
    keyed.set(key, problem);
  }
  return keyed;
}
