import { outOfScope } from "./router-lines.ts";

export interface Judged {
  /** A sector, or out_of_scope. */
  readonly right: string;
  /** Null: rejected. */
  readonly taken: string | null;
}

/** counts[right][taken]: rows are the sectors and out_of_scope, columns the sectors and "rejected". */
export interface Confusion {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface SectorFigures {
  readonly sector: string;
  readonly messages: number;
  /** Of the messages sent there, out-of-scope ones included, how many belong there; null: none was sent. */
  readonly precision: number | null;
  /** Of the messages that belong there, how many were sent there; null: there is none. */
  readonly recall: number | null;
}

export function confusionOf(judged: readonly Judged[], sectors: readonly string[]): Confusion {
  const rows = [...sectors, outOfScope];
  const columns = [...sectors, "rejected"];
  const rowOf = new Map(rows.map((name, at) => [name, at]));
  const columnOf = new Map(columns.map((name, at) => [name, at]));
  const counts = rows.map(() => columns.map(() => 0));
  for (const { right, taken } of judged) {
    const row = counts[rowOf.get(right) ?? -1];
    const column = columnOf.get(taken ?? "rejected");
    if (row === undefined || column === undefined) continue;
    row[column] = (row[column] ?? 0) + 1;
  }
  return { rows, columns, counts };
}

export function sectorFigures({ rows, counts }: Confusion): SectorFigures[] {
  return rows.slice(0, -1).map((sector, at) => {
    const hits = counts[at]?.[at] ?? 0;
    const messages = (counts[at] ?? []).reduce((sum, count) => sum + count, 0);
    const taken = counts.reduce((sum, row) => sum + (row[at] ?? 0), 0);
    return {
      sector,
      messages,
      precision: taken === 0 ? null : hits / taken,
      recall: messages === 0 ? null : hits / messages,
    };
  });
}
