import { storable } from "../foundation/index.ts";
import type { FeedbackFilter } from "./feedback.ts";

/** The filter as a condition on feedback_facts, its values counted from `$1` on. */
export function conditionOf(filter: FeedbackFilter): { readonly sql: string; readonly params: readonly unknown[] } {
  const conditions: string[] = ["true"];
  const params: unknown[] = [];
  const add = (sql: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    // As it was kept.
    params.push(typeof value === "string" ? storable(value) : value);
    conditions.push(sql.replaceAll("?", `$${params.length}`));
  };
  add("answered_sector = ?", filter.sector);
  add("adapter = ?", filter.adapter);
  add("user_id = ?", filter.userId);
  add("session_id = ?", filter.sessionId);
  add("pilot_group = ?", filter.pilotGroup);
  add("exists (select 1 from jsonb_array_elements(issues) issue where issue->>'category' = ?)", filter.category);
  add("rating >= ?::int", filter.minRating);
  add("rating <= ?::int", filter.maxRating);
  add("at >= ?::timestamptz", filter.since);
  add("at < ?::timestamptz", filter.until);
  return { sql: conditions.join(" and "), params };
}
