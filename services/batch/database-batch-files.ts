import { storable } from "../foundation/index.ts";
import type { Database, Queryable } from "../storage/index.ts";
import type { BatchFile, BatchFiles } from "./batch-file.ts";
import { isUnended } from "./batch-row.ts";
import { FileInUseError, FileNotFoundError, TooManyFilesError } from "./errors.ts";
import { addLines, deleteLines, type LinesOf, type NumberedLine, readLines } from "./line-store.ts";
import { splitLines } from "./split-lines.ts";

export interface BatchFilesOptions {
  readonly maxLines: number;
  readonly maxFileBytes: number;
  readonly maxFilesPerKey: number;
  readonly keepFilesDays: number;
  readonly newId: () => string;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

const dayMs = 86_400_000;
/** What one statement takes in, whichever is reached first: others wait behind it. */
const biteLines = 500;
const biteCharacters = 524_288;

/** Files in the database (migration 0020), so that every process that works on a batch finds them. */
export function createDatabaseBatchFiles(database: Database, options: BatchFilesOptions): BatchFiles {
  const { newId, nowMs } = options;

  const row = async (id: string, keyId: string | null): Promise<FileRow> => {
    const { rows } = await database.query<FileRow>(
      `select * from batch_files where id = $1 and complete and key_id is not distinct from $2 and expires_at > $3`,
      [id, keyId, new Date(nowMs())],
    );
    if (rows[0] === undefined) throw new FileNotFoundError();
    return rows[0];
  };

  return {
    receive: async (keyId, source) => {
      await assertRoom(database, keyId, options.maxFilesPerKey);
      const id = `file-${newId().replaceAll("-", "")}`;
      const expires = new Date(nowMs() + options.keepFilesDays * dayMs);
      await database.query(
        `insert into batch_files (id, key_id, purpose, filename, bytes, created_at, expires_at, complete, lines_of)
        values ($1, $2, 'batch', '', 0, $3, $4, false, $1)`,
        [id, keyId, new Date(nowMs()), expires],
      );
      try {
        for await (const bite of bites(splitLines(source, options))) await addLines(database, { id, ok: null }, bite);
      } catch (failure) {
        await forgetFile(database, id).catch(() => undefined);
        throw failure;
      }
      return id;
    },

    keep: async (id, { filename, expiresAfterS }) => {
      const expires = expiresAfterS === undefined ? null : new Date(nowMs() + expiresAfterS * 1000);
      const { rows } = await database.query<FileRow>(
        `update batch_files set complete = true, filename = $2, expires_at = coalesce($3::timestamptz, expires_at),
          bytes = (select coalesce(sum(octet_length(content)), 0) from batch_lines where lines_of = $1)
        where id = $1 and not complete returning *`,
        [id, storable(filename).slice(0, 255), expires],
      );
      if (rows[0] === undefined) throw new FileNotFoundError();
      return shownFile(rows[0]);
    },

    discard: async (id) => {
      await forgetFile(database, id);
    },

    get: async (id, keyId) => shownFile(await row(id, keyId)),

    list: async (keyId, { purpose, after, limit, order }) => {
      const before = order === "desc";
      const { rows } = await database.query<FileRow>(
        `select * from batch_files where complete and key_id is not distinct from $1 and expires_at > $2
          and ($3::text is null or purpose = $3)
          and ($4::text is null or position ${before ? "<" : ">"} (select position from batch_files where id = $4))
        order by position ${before ? "desc" : "asc"} limit $5`,
        [keyId, new Date(nowMs()), purpose ?? null, after ?? null, limit + 1],
      );
      return { files: rows.slice(0, limit).map(shownFile), hasMore: rows.length > limit };
    },

    content: async function* (id, keyId) {
      const { lines_of, lines_ok } = await row(id, keyId);
      for await (const lines of readLines(database, { id: lines_of, ok: lines_ok }))
        yield lines.map(({ content }) => content).join("");
    },

    delete: async (id, keyId) => {
      await row(id, keyId);
      if (!(await forgetFile(database, id))) throw new FileInUseError();
    },
  };
}

/** A file and its lines; an answer file's lines are those of its half of the answers. @returns false: a batch works on it */
export async function forgetFile(database: Database, id: string): Promise<boolean> {
  return await database.transaction(async (tx) => {
    const { rows } = await tx.query<FileRow>(
      `delete from batch_files where id = $1 and not exists (
        select 1 from batches where input_file_id = $1 and ${isUnended}) returning *`,
      [id],
    );
    for (const { lines_of, lines_ok } of rows) await deleteLines(tx, { id: lines_of, ok: lines_ok });
    return rows.length > 0;
  });
}

/** @throws {FileNotFoundError} naming the parameter; a file that is written by a batch cannot be the input of one */
export async function inputLinesOf(database: Queryable, id: string, keyId: string | null, now: Date): Promise<LinesOf> {
  const { rows } = await database.query(
    `select 1 from batch_files where id = $1 and complete and purpose = 'batch' and key_id is not distinct from $2 and expires_at > $3`,
    [id, keyId, now],
  );
  if (rows.length === 0) throw new FileNotFoundError("input_file_id");
  return { id, ok: null };
}

/** @throws {TooManyFilesError} */
async function assertRoom(database: Queryable, keyId: string | null, limit: number): Promise<void> {
  const { rows } = await database.query<{ count: string }>(
    "select count(*) from batch_files where purpose = 'batch' and key_id is not distinct from $1",
    [keyId],
  );
  if (Number(rows[0]?.count) >= limit) throw new TooManyFilesError(limit);
}

async function* bites(lines: AsyncIterable<string>): AsyncGenerator<readonly NumberedLine[]> {
  let bite: NumberedLine[] = [];
  let characters = 0;
  let line = 0;
  for await (const content of lines) {
    bite.push({ line: ++line, content });
    characters += content.length;
    if (bite.length < biteLines && characters < biteCharacters) continue;
    yield bite;
    bite = [];
    characters = 0;
  }
  if (bite.length > 0) yield bite;
}

interface FileRow {
  readonly id: string;
  readonly purpose: BatchFile["purpose"];
  readonly filename: string;
  readonly bytes: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly lines_of: string;
  readonly lines_ok: boolean | null;
}

function shownFile(row: FileRow): BatchFile {
  return {
    id: row.id,
    purpose: row.purpose,
    filename: row.filename,
    bytes: Number(row.bytes),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
