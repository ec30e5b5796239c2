import type { Database, Queryable } from "../storage/index.ts";
import { expiredLine } from "./answer-line.ts";
import { isBlank, requestOf } from "./batch-request.ts";
import { type BatchRow, shownBatch } from "./batch-row.ts";
import type { BatchStore } from "./batch-store.ts";
import { type Batch, type BatchFault, type BatchStatus, hasEnded } from "./batches.ts";
import { addLines } from "./line-store.ts";

export interface EndOptions {
  readonly newId: () => string;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
  readonly keepFilesDays: number;
}

export interface EndParts extends EndOptions, Pick<BatchStore, "unanswered"> {
  readonly database: Database;
}

/** The batch's end, with its files; one that has ended stays as it is. @param to undefined: whatever has become of it */
export async function endBatch(parts: EndParts, id: string, to?: BatchStatus): Promise<void> {
  const { database, newId, nowMs, keepFilesDays } = parts;
  const known = await unended(database, id);
  if (known === undefined) return;
  const status = to ?? endingOf(known, nowMs());
  if (status === "expired") await expireRest(parts, known);
  const expires = new Date(nowMs() + keepFilesDays * 86_400_000);
  await database.transaction(async (tx) => {
    const batch = await unended(tx, id, "for update");
    if (batch === undefined) return;
    const write = async (ok: boolean, name: string): Promise<string | null> => {
      const fileId = `file-${newId().replaceAll("-", "")}`;
      const params = [fileId, batch.keyId, `${id}_${name}.jsonl`, new Date(nowMs()), expires, id, ok];
      return (await tx.query(insertAnswerFile, params)).rowCount === 0 ? null : fileId;
    };
    const files = [await write(true, "output"), await write(false, "error")];
    const nowS = Math.floor(nowMs() / 1000);
    await tx.query(setEnd, [id, status, ...files, nowS, JSON.stringify([brokenOff])]);
  });
}

async function unended(database: Queryable, id: string, lock = ""): Promise<Batch | undefined> {
  const { rows } = await database.query<BatchRow>(`select * from batches where id = $1 ${lock}`, [id]);
  const batch = rows[0] === undefined ? undefined : shownBatch(rows[0]);
  return batch === undefined || hasEnded(batch) ? undefined : batch;
}

/** Of a batch whose file was looked at: before, it is not known whether its lines are requests. */
async function expireRest({ database, unanswered, newId }: EndParts, batch: Batch): Promise<void> {
  for (let after = 0; batch.status !== "validating"; ) {
    const lines = await unanswered(batch, after);
    const last = lines.at(-1);
    if (last === undefined) return;
    const requests = lines.filter(({ content }) => !isBlank(content));
    const expired = requests.map(({ line, content }) => ({
      line,
      content: expiredLine(newId(), requestOf(content).custom_id),
    }));
    await addLines(database, { id: batch.id, ok: false }, expired);
    after = last.line;
  }
}

/** $1 batch, $2 status, $3 and $4 its files, $5 now, $6 why, where nobody has said so */
const setEnd = `
update batches set status = $2::text, output_file_id = $3, error_file_id = $4,
  times = times || jsonb_build_object($2::text, $5::bigint),
  errors = case when $2::text = 'failed' then coalesce(errors, $6::jsonb) end,
  failed = (select count(*) from batch_lines where lines_of = $1 and not ok)
where id = $1`;

/** $1 id, $2 key, $3 name, $4 created, $5 expires, $6 batch, $7 ok. Nothing is inserted where there is nothing to write. */
const insertAnswerFile = `
insert into batch_files (id, key_id, purpose, filename, bytes, created_at, expires_at, complete, lines_of, lines_ok)
select $1, $2, 'batch_output', $3, sum(octet_length(content)), $4, $5, true, $6, $7::boolean
from batch_lines where lines_of = $6 and ok = $7::boolean having count(*) > 0`;

const brokenOff: BatchFault = {
  code: "batch_failed",
  message: "The batch broke off again and again; what was answered is kept.",
  line: null,
  param: null,
};

/** What has become of a batch whose job is over without having ended it. */
function endingOf(batch: Batch, nowMs: number): BatchStatus {
  if (batch.status === "cancelling") return "cancelled";
  return nowMs >= Date.parse(batch.expiresAt) ? "expired" : "failed";
}
