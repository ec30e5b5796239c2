import type { Database } from "../storage/index.ts";
import { type BatchRow, isUnended, shownBatch } from "./batch-row.ts";
import type { BatchStore } from "./batch-store.ts";
import type { Batch } from "./batches.ts";
import { type EndOptions, endBatch } from "./end-batch.ts";
import { insertBatch } from "./insert-batch.ts";
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
    insert: (id, owner, batch, windowMs, bounds) =>
      insertBatch(database, { id, owner, batch, windowMs, nowMs: nowMs() }, bounds),

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

    giveWay: async (id) => {
      const { rows } = await database.query<{ turn: number }>(
        `update batches b set turn = least(1000000, b.turn + (
            select count(*) from batches own where own.key_id is not distinct from b.key_id and ${isUnended}))
        where b.id = $1 and exists (
          select 1 from batches other where other.key_id is distinct from b.key_id and ${isUnended})
        returning turn`,
        [id],
      );
      return rows[0]?.turn;
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
