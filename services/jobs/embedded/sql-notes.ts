import type { Database } from "../../storage/index.ts";
import { type Cancellation, type JobNotes, notesMs, runOf } from "../job-notes.ts";

const most = 1000;
const fromNow = (parameter: string) => `now() + ${parameter}::double precision * interval '1 millisecond'`;

/** Notes in the embedded database's tables `job_chunks` and `job_marks`. */
export function createSqlNotes(database: Database): JobNotes {
  const mark = async (id: string, kind: "place" | "cancel"): Promise<unknown> => {
    const { rows } = await database.query<{ mark: unknown }>(
      "select mark from job_marks where job_id = $1 and kind = $2 and expires_at > now()",
      [id, kind],
    );
    return rows[0]?.mark;
  };
  const setMark = async (id: string, kind: "place" | "cancel", value: unknown, keepMs: number): Promise<void> => {
    await database.query(
      `insert into job_marks (job_id, kind, mark, expires_at) values ($1, $2, $3, ${fromNow("$4")})
       on conflict (job_id, kind) do update set mark = excluded.mark, expires_at = excluded.expires_at`,
      [id, kind, JSON.stringify(value), keepMs],
    );
  };
  return {
    async begin(id, run) {
      await database.query("delete from job_chunks where job_id = $1 and run < $2", [id, run]);
    },
    async append(id, run, first, chunks) {
      const { rowCount } = await database.query(
        `insert into job_chunks (job_id, run, number, chunk, expires_at)
         select $1::text, $2::integer, $3::integer + at - 1, chunk, ${fromNow("$5")}
           from unnest($4::json[]) with ordinality as said(chunk, at)
          where not exists (select from job_chunks where job_id = $1 and run > $2)
         on conflict do nothing`,
        [id, run, first, chunks.map((chunk) => JSON.stringify(chunk)), notesMs],
      );
      if (rowCount === chunks.length) return true;
      // Written already, by a call whose answer was lost; or a later attempt has begun.
      const later = await database.query("select from job_chunks where job_id = $1 and run > $2 limit 1", [id, run]);
      return later.rowCount === 0;
    },
    async after(id, cursor = "0-0") {
      const { rows } = await database.query<{ cursor: string; chunk: unknown }>(
        `select run || '-' || number as cursor, chunk from job_chunks
          where job_id = $1 and (run, number) > ($2, $3) and expires_at > now() order by run, number limit ${most}`,
        [id, runOf(cursor), Number(cursor.split("-")[1])],
      );
      return rows;
    },
    async place(id) {
      return (await mark(id, "place")) as string | undefined;
    },
    setPlace: (id, cursor) => setMark(id, "place", cursor, notesMs),
    async cancellation(id) {
      return (await mark(id, "cancel")) as Cancellation | undefined;
    },
    askCancel: (id, cancellation, keepMs) => setMark(id, "cancel", cancellation, keepMs),
    async withdrawCancel(id) {
      await database.query("delete from job_marks where job_id = $1 and kind = 'cancel'", [id]);
    },
    async keepFor(id, ms) {
      await database.query(`update job_chunks set expires_at = ${fromNow("$2")} where job_id = $1`, [id, ms]);
    },
    async forget(id) {
      await database.query("delete from job_chunks where job_id = $1", [id]);
      await database.query("delete from job_marks where job_id = $1", [id]);
    },
    async sweep() {
      await database.query("delete from job_chunks where expires_at < now()");
      await database.query("delete from job_marks where expires_at < now()");
    },
  };
}
