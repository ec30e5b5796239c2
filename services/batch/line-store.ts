import type { Queryable } from "../storage/index.ts";

export interface NumberedLine {
  readonly line: number;
  readonly content: string;
}

/** Which lines: of a file, or the answers of a batch that are answers (`ok`) or are not. */
export interface LinesOf {
  readonly id: string;
  readonly ok: boolean | null;
}

/** What is read at a time, whichever is reached first. */
const biteRows = 1000;
const biteBytes = 4_194_304;

/** $1 whose, $2 ok, $3 after which line. One line at least, however long it is. */
const bite = `
select line, content from (
  select line, content, sum(octet_length(content)) over (order by line) - octet_length(content) as before
  from batch_lines where lines_of = $1 and ok is not distinct from $2::boolean and line > $3 order by line limit ${biteRows}) l
where before < ${biteBytes} order by line`;

/** Adds lines; those that are there already stay as they are. @returns how many are new */
export async function addLines(database: Queryable, of: LinesOf, lines: readonly NumberedLine[]): Promise<number> {
  const { rowCount } = await database.query(
    `insert into batch_lines (lines_of, line, ok, content)
    select $1, line, $2::boolean, content from unnest($3::int[], $4::text[]) as given (line, content)
    on conflict do nothing`,
    [of.id, of.ok, lines.map(({ line }) => line), lines.map(({ content }) => content)],
  );
  return rowCount;
}

/** In order, a bounded bite at a time. */
export async function* readLines(database: Queryable, of: LinesOf): AsyncGenerator<readonly NumberedLine[]> {
  let after = 0;
  for (;;) {
    const { rows } = await database.query<{ line: number; content: string }>(bite, [of.id, of.ok, after]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.line;
  }
}

export async function deleteLines(database: Queryable, of: LinesOf): Promise<void> {
  await database.query("delete from batch_lines where lines_of = $1 and ok is not distinct from $2::boolean", [
    of.id,
    of.ok,
  ]);
}
