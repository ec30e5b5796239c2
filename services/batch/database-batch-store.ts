import { storable } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";
import { type BatchRow, isUnended, shownBatch } from "./batch-row.ts";
import type { BatchStore } from "./batch-store.ts";
import type { Batch, NewBatch } from "./batches.ts";
import { type EndOptions, endBatch } from "./end-batch.ts";
import type { NumberedLine } from "./line-store.ts";

const windowRows = 1000;
const windowBytes = 8_388_608;

/** Batches in the database (migration 0020). */
export function createDatabaseBatchStore(database: Database, options: EndOptions): BatchStore {
  const { nowMs } = options;
  const one = async (sql: string, params: readonly unknown[]): Promise<Batch | undefined> => {
    const { rows } = await database.query<BatchRow>(sql, params);
    return rows[0] === undefined ? undefined : shownBatch(rows[0]);
  };
  const nowS = (): number => Math.floor(nowMs() / 1000);

  const unanswered = async (batch: Batch, after: number): Promise<readonly NumberedLine[]> => {
    const params = [batch.inputFileId, batch.id, after];
    return (await database.query<{ line: number; content: string }>(unansweredLines, params)).rows;
  };

  return {
    insert: async (id, owner, batch, windowMs) => {
      const inserted = await one(
        `insert into batches (id, key_id, user_id, sectors, endpoint, completion_window, metadata, input_file_id, status, times, expires_at)
        values ($1, $2, $3, $4::text[], $5, $6, $7::jsonb, $8, 'validating', jsonb_build_object('validating', $9::bigint), $10) returning *`,
        [
          ...[id, owner.keyId, owner.userId, owner.sectors, batch.endpoint, batch.completionWindow],
          ...[storableMetadata(batch), batch.inputFileId, nowS()],
          new Date(nowMs() + windowMs),
        ],
      );
      if (inserted === undefined) throw new Error("A row that was inserted did not come back.");
      return inserted;
    },

    load: (id) => one("select * from batches where id = $1", [id]),

    list: async (keyId, { after, limit }) => {
      const { rows } = await database.query<BatchRow>(
        `select * from batches where key_id is not distinct from $1
          and ($2::text is null or position < (select position from batches where id = $2))
        order by position desc limit $3`,
        [keyId, after ?? null, limit],
      );
      return rows.map(shownBatch);
    },

    unended: async () => {
      const { rows } = await database.query<BatchRow>(`select * from batches where ${isUnended} order by position`);
      return rows.map(shownBatch);
    },

    countUnended: async (keyId) => {
      const { rows } = await database.query<{ count: string }>(
        `select count(*) from batches where ${isUnended} and key_id is not distinct from $1`,
        [keyId],
      );
      return Number(rows[0]?.count);
    },

    move: (id, from, to) =>
      one(
        `update batches set status = $3, times = times || jsonb_build_object($3::text, $4::bigint)
        where id = $1 and status = any($2::text[]) returning *`,
        [id, from, to, nowS()],
      ),

    begin: async (id, total) => {
      await database.query(
        `update batches set status = 'in_progress', total = $2, times = times || jsonb_build_object('in_progress', $3::bigint)
        where id = $1 and status = 'validating'`,
        [id, total, nowS()],
      );
    },

    refuse: async (id, faults) => {
      await database.query(
        `update batches set status = 'failed', errors = $2::jsonb, times = times || jsonb_build_object('failed', $3::bigint)
        where id = $1 and status = 'validating'`,
        [id, JSON.stringify(faults), nowS()],
      );
    },

    remove: async (id) => {
      await database.query("delete from batches where id = $1", [id]);
    },

    answer: async (id, { line, content }, ok) => {
      await database.query(
        `with fresh as (
          insert into batch_lines (lines_of, line, ok, content) values ($1, $2, $3, $4) on conflict do nothing returning ok)
        update batches set completed = completed + (select count(*) from fresh where ok),
          failed = failed + (select count(*) from fresh where not ok)
        where id = $1 and exists (select 1 from fresh)`,
        [id, line, ok, content],
      );
    },

    unanswered,

    end: (id, to) => endBatch({ database, unanswered, ...options }, id, to),
  };
}

/** $1 input file, $2 batch, $3 after which line; so many, or so much, as may be held at a time. */
const unansweredLines = `
select line, content from (
  select q.line, q.content, sum(octet_length(q.content)) over (order by q.line) - octet_length(q.content) as before
  from batch_lines q where q.lines_of = $1 and q.line > $3
    and not exists (select 1 from batch_lines a where a.lines_of = $2 and a.line = q.line)
  order by q.line limit ${windowRows}) l
where before < ${windowBytes} order by line`;

function storableMetadata({ metadata }: NewBatch): string | null {
  if (metadata === null) return null;
  const entries = Object.entries(metadata).map(([name, value]) => [storable(name), storable(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}
