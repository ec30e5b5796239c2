import { storable } from "../foundation/index.ts";
import type { Database, Queryable } from "../storage/index.ts";
import { type BatchRow, isUnended, shownBatch } from "./batch-row.ts";
import type { Batch, BatchOwner, NewBatch } from "./batches.ts";
import { TooManyBatchesError, TooManyBatchLinesError } from "./errors.ts";

/** How much one key may have. */
export interface BatchBounds {
  /** Batches that have not ended. */
  readonly unended: number;
  /** Lines of the batches of 24 hours; 0: any number. */
  readonly linesADay: number;
}

export interface BatchToInsert {
  readonly id: string;
  readonly owner: BatchOwner;
  readonly batch: NewBatch;
  readonly windowMs: number;
  readonly nowMs: number;
}

const dayS = 86_400;

/** @throws {TooManyBatchesError} @throws {TooManyBatchLinesError} there is no room for it within the bounds */
export async function insertBatch(database: Database, given: BatchToInsert, bounds?: BatchBounds): Promise<Batch> {
  const { id, owner, batch, windowMs, nowMs } = given;
  return await database.transaction(async (tx) => {
    // Two of one key at once would each find room for themselves alone.
    await tx.query("select pg_advisory_xact_lock(hashtext($1))", [`batches of ${owner.keyId ?? ""}`]);
    const lines = await linesOf(tx, batch.inputFileId);
    if (bounds !== undefined) await assertRoom(tx, owner.keyId, lines, bounds, Math.floor(nowMs / 1000));
    const { rows } = await tx.query<BatchRow>(insertion, [
      ...[id, owner.keyId, owner.userId, owner.sectors, batch.endpoint, batch.completionWindow],
      ...[storableMetadata(batch), batch.inputFileId, Math.floor(nowMs / 1000), new Date(nowMs + windowMs), lines],
    ]);
    if (rows[0] === undefined) throw new Error("A row that was inserted did not come back.");
    return shownBatch(rows[0]);
  });
}

/**
 * Start-time fair queueing (Goyal, Vin and Cheng 1996): a key's next batch begins one turn after its last one, and not before the turn
 * that is under way, so that a newcomer neither waits for the ten batches of another nor is favoured over those who came before.
 */
const insertion = `
insert into batches (id, key_id, user_id, sectors, endpoint, completion_window, metadata, input_file_id, status, times, expires_at, lines, turn)
select $1, $2, $3, $4::text[], $5, $6, $7::jsonb, $8, 'validating', jsonb_build_object('validating', $9::bigint), $10, $11::int,
  least(1000000, greatest(1,
    (select min(turn) from batches where ${isUnended}),
    (select max(turn) + 1 from batches where ${isUnended} and key_id is not distinct from $2)))
returning *`;

async function linesOf(tx: Queryable, inputFileId: string): Promise<number> {
  const counted = "select count(*)::int as lines from batch_lines where lines_of = $1 and ok is null";
  return (await tx.query<{ lines: number }>(counted, [inputFileId])).rows[0]?.lines ?? 0;
}

async function assertRoom(
  tx: Queryable,
  keyId: string | null,
  lines: number,
  { unended, linesADay }: BatchBounds,
  nowS: number,
): Promise<void> {
  const { rows } = await tx.query<{ unended: number; asked: string; oldest: string | null }>(
    `with theirs as (
      select ${isUnended} as unended, (times->>'validating')::bigint as began,
        case when ${isUnended} or status = 'completed' then lines else completed + failed end as asked
      from batches where key_id is not distinct from $1
    )
    select (count(*) filter (where unended))::int as unended,
      coalesce(sum(asked) filter (where began > $2::bigint), 0) as asked,
      min(began) filter (where began > $2::bigint and asked > 0) as oldest
    from theirs`,
    [keyId, nowS - dayS],
  );
  const [{ unended: underWay, asked, oldest } = { unended: 0, asked: "0", oldest: null }] = rows;
  if (underWay >= unended) throw new TooManyBatchesError(unended);
  if (linesADay > 0 && Number(asked) + lines > linesADay)
    throw new TooManyBatchLinesError(linesADay, Math.max(1, Number(oldest ?? nowS) + dayS - nowS));
}

function storableMetadata({ metadata }: NewBatch): string | null {
  if (metadata === null) return null;
  const entries = Object.entries(metadata).map(([name, value]) => [storable(name), storable(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}
