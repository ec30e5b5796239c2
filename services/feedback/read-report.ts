import { foldTurkish } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";
import type { FeedbackFilter } from "./feedback.ts";
import { conditionOf } from "./filter-sql.ts";
import { type FeedbackReport, groupedBy, type RatingCount, summaryOf } from "./report.ts";

/** Suggestions looked at, newest first. */
const maxSuggestionsRead = 5_000;

export async function readReport(database: Database, filter: FeedbackFilter, nowMs: number): Promise<FeedbackReport> {
  const { sql, params } = conditionOf(filter);
  // One statement after the other: a report must not take the pool from the replies.
  const ratings = await database.query<RatingCount>(
    `select answered_sector as sector, adapter, to_char(date_trunc('week', at at time zone 'UTC'), 'YYYY-MM-DD') as week,
      rating::int as rating, count(*)::int as count
    from feedback_facts where ${sql} group by 1, 2, 3, 4`,
    params,
  );
  const issues = await database.query<{ category: string; count: number; examples: string[] }>(
    `select issue->>'category' as category, count(*)::int as count,
      coalesce((array_agg(issue->>'text' order by at desc) filter (where issue->>'text' <> ''))[1:20], '{}') as examples
    from feedback_facts, jsonb_array_elements(issues) issue where ${sql} group by 1 order by 2 desc, 1 limit 20`,
    params,
  );
  const suggestions = await database.query<{ text: string }>(
    `select suggestion as text from feedback_facts, jsonb_array_elements_text(suggestions) suggestion
    where ${sql} order by position desc limit ${maxSuggestionsRead}`,
    params,
  );
  const counts = ratings.rows;
  return {
    generatedAt: new Date(nowMs).toISOString(),
    since: filter.since ?? null,
    until: filter.until ?? null,
    total: summaryOf(counts),
    sectors: groupedBy(counts, ({ sector }) => sector).map(([sector, summary]) => ({ sector, ...summary })),
    adapters: groupedBy(counts, ({ adapter }) => adapter).map(([adapter, summary]) => ({ adapter, ...summary })),
    issues: issues.rows.map((issue) => ({ ...issue, examples: [...new Set(issue.examples)].slice(0, 3) })),
    suggestions: counted(suggestions.rows.map(({ text }) => text)),
    weeks: groupedBy(counts, ({ week }) => week)
      .map(([week, summary]) => ({ week, ...summary }))
      .sort((one, other) => one.week.localeCompare(other.week, "en")),
  };
}

/** Case, white space and a last full stop make no other suggestion. @param texts newest first */
function counted(texts: readonly string[]): FeedbackReport["suggestions"] {
  const byKey = new Map<string, { text: string; count: number }>();
  for (const text of texts) {
    const key = foldTurkish(text)
      .replace(/\s+/g, " ")
      .trim()
      .replace(/[.!]+$/, "");
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { text, count: 1 });
    else known.count += 1;
  }
  // The sort is stable: among equals the newest stays first.
  return [...byKey.values()].sort((one, other) => other.count - one.count).slice(0, 50);
}
