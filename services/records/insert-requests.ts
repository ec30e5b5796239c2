import type { Queryable } from "../storage/index.ts";
import type { RequestRow } from "./request-row.ts";

/** Field → column and its type, in the table's words (migration 0002). */
const columns: Readonly<Record<keyof RequestRow, readonly [name: string, type: string]>> = {
  id: ["id", "text"],
  at: ["at", "timestamptz"],
  endpoint: ["endpoint", "text"],
  sessionId: ["session_id", "text"],
  messageId: ["message_id", "text"],
  userId: ["user_id", "text"],
  sector: ["sector", "text"],
  confidence: ["confidence", "float8"],
  routedBy: ["routed_by", "text"],
  adapter: ["adapter", "text"],
  promptTokens: ["prompt_tokens", "int"],
  completionTokens: ["completion_tokens", "int"],
  cachedTokens: ["cached_tokens", "int"],
  queueMs: ["queue_ms", "float8"],
  promptMs: ["prompt_ms", "float8"],
  predictedMs: ["predicted_ms", "float8"],
  totalMs: ["total_ms", "float8"],
  outcome: ["outcome", "text"],
  message: ["message", "text"],
  reply: ["reply", "text"],
};

const names = Object.values(columns).map(([name]) => name);
const given = Object.entries(columns).map(([field, [, type]]) => `"${field}" ${type}`);
const fields = Object.keys(columns).map((field) => `"${field}"`);
const insert = `insert into requests (${names.join(", ")})
select ${fields.join(", ")} from json_to_recordset($1::json) as given (${given.join(", ")})
on conflict (id) do nothing`;

/** All of them, in their order, in one statement; one that is there already stays as it is. @returns how many are new */
export async function insertRequests(database: Queryable, rows: readonly RequestRow[]): Promise<number> {
  const { rowCount } = await database.query(insert, [JSON.stringify(rows)]);
  return rowCount;
}
