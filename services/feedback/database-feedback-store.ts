import { InvalidRequestError, storable } from "../foundation/index.ts";
import type { Database, Queryable } from "../storage/index.ts";
import { AcceptedExamples } from "./accepted-examples.ts";
import { RoutingExampleIncompleteError, RoutingExampleNotFoundError } from "./errors.ts";
import type {
  FeedbackFilter,
  FeedbackIssue,
  KeptFeedback,
  Page,
  Paged,
  ReviewStatus,
  RoutingExample,
  TrainingPair,
} from "./feedback.ts";
import type { FeedbackStore } from "./feedback-store.ts";
import { conditionOf } from "./filter-sql.ts";
import { FeedbackInserter } from "./insert-feedback.ts";
import { readReport } from "./read-report.ts";

export interface FeedbackStoreOptions {
  /** Where accepted examples go. */
  readonly examplesFolder: string;
  readonly newId: () => string;
  readonly nowMs?: () => number;
}

/** Pairs read at a time. */
const biteRows = 200;

/** Feedback in the database (migrations 0003, 0005). */
export function createDatabaseFeedbackStore(database: Database, options: FeedbackStoreOptions): FeedbackStore {
  const { newId, nowMs = Date.now } = options;
  const inserter = new FeedbackInserter(database, newId, nowMs);
  const accepted = new AcceptedExamples(options.examplesFolder);

  /** Locks the example while `change` decides about it. */
  const review = (
    said: string,
    status: ReviewStatus,
    change: (example: ExampleRow) => { readonly text: string | null; readonly sector: string | null },
  ): Promise<RoutingExample> =>
    database.transaction(async (tx) => {
      const id = storable(said);
      await tx.query("select 1 from routing_examples where feedback_id = $1 for update", [id]);
      const example = await exampleOf(tx, id);
      if (example === undefined) throw new RoutingExampleNotFoundError();
      if (example.status === status) return shownExample(example);
      if (example.status !== "pending") throw new RoutingExampleNotFoundError();
      const { text, sector } = change(example);
      await tx.query(
        "update routing_examples set status = $2, reviewed_at = $3, text = $4, expected_sector = $5 where feedback_id = $1",
        [id, status, new Date(nowMs()), text, sector],
      );
      // Last, so that a file holds nothing the database has refused.
      if (status === "accepted" && text !== null && sector !== null) accepted.add(id, text, sector);
      return shownExample({ ...example, status, text, expected_sector: sector });
    });

  return {
    add: (feedback, key) => inserter.add(feedback, key),

    async list(filter, page) {
      const { sql, params } = conditionOf(filter);
      const { rows } = await database.query<FactsRow>(
        `select * from feedback_facts where ${sql} and position < $${params.length + 1}::bigint
        order by position desc limit $${params.length + 2}::int`,
        [...params, positionOf(page), page.limit + 1],
      );
      return paged(rows, page.limit, shownFeedback);
    },

    report: (filter) => readReport(database, filter, nowMs()),

    trainingPairs: (filter) => readPairs(database, filter),

    async routingExamples(status, page) {
      const { rows } = await database.query<ExampleRow>(
        `${examples} where e.status = $1 and f.position < $2::bigint order by f.position desc limit $3::int`,
        [status, positionOf(page), page.limit + 1],
      );
      return paged(rows, page.limit, shownExample);
    },

    acceptExample: (id, correction) =>
      review(id, "accepted", (example) => {
        const text = storable(correction.text ?? null) ?? example.text;
        const sector = correction.sector ?? example.expected_sector;
        if (text === null || text.trim() === "") throw new RoutingExampleIncompleteError("text");
        if (sector === null) throw new RoutingExampleIncompleteError("sector");
        return { text, sector };
      }),

    rejectExample: (id) => review(id, "rejected", () => ({ text: null, sector: null })),

    async eraseUser(userId, sessionIds) {
      const params = [userId, sessionIds];
      const { rows } = await database.query<{ id: string }>(theirFeedback, params);
      // The files first: were they to fail, the database still knows what has to go.
      accepted.remove(new Set(rows.map(({ id }) => id)));
      return (await database.query("delete from feedback where id = any($1::text[])", [rows.map(({ id }) => id)]))
        .rowCount;
    },
  };
}

/**
 * $1 the user, $2 the user's sessions: what names one of them, and what is about a reply to the user or about a conversation the user had a
 * turn in. A form names nobody, and a session may have expired: then only the request log knows whose it was.
 */
const theirFeedback = `
with their_requests as materialized (
  select session_id, message_id from requests where user_id = $1 or session_id = any($2::text[])
)
select id from feedback
where user_id = $1 or session_id = any($2::text[])
  or session_id in (select session_id from their_requests) or message_id in (select message_id from their_requests)`;

/** Who and what must not be learned from: named in the feedback that says so, or known by the request it is about. */
const optedOut = `
refusals as materialized (
  select o.user_id, o.request_user_id, o.session_id, o.message_id, r.session_id as request_session_id,
    r.message_id as request_message_id
  from feedback_facts o left join requests r on r.id = o.request_id
  where o.training_opt_out
), refusing_users as materialized (
  select user_id as id from refusals where user_id is not null
  union select request_user_id from refusals where request_user_id is not null
), refused_sessions as materialized (
  select session_id as id from refusals where session_id is not null
  union select request_session_id from refusals where request_session_id is not null
), refused_messages as materialized (
  select message_id as id from refusals where message_id is not null
  union select request_message_id from refusals where request_message_id is not null
)`;

async function* readPairs(database: Database, filter: FeedbackFilter): AsyncGenerator<TrainingPair> {
  const { sql, params } = conditionOf(filter);
  let after = "0";
  for (;;) {
    const { rows } = await database.query<FactsRow & { message: string; reply: string }>(
      `with ${optedOut}
      select f.* from feedback_facts f
      left join (select id as known_id, session_id as request_session_id from requests) r on r.known_id = f.request_id
      where ${sql} and position > $${params.length + 1}::bigint
        and message is not null and reply is not null and not training_opt_out
        and coalesce(user_id not in (select id from refusing_users), true)
        and coalesce(request_user_id not in (select id from refusing_users), true)
        and coalesce(session_id not in (select id from refused_sessions), true)
        and coalesce(request_session_id not in (select id from refused_sessions), true)
        and coalesce(message_id not in (select id from refused_messages), true)
      order by position limit ${biteRows}`,
      [...params, after],
    );
    for (const { id, message, reply, answered_sector: sector, adapter, rating } of rows) {
      const messages = [
        { role: "user", content: message } as const,
        { role: "assistant", content: reply } as const,
      ] as const;
      yield { id, messages, sector, adapter, rating };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < biteRows) return;
    after = last.position;
  }
}

interface FactsRow {
  readonly position: string;
  readonly id: string;
  readonly at: Date;
  readonly session_id: string | null;
  readonly message_id: string | null;
  readonly user_id: string | null;
  readonly sector: string | null;
  readonly rating: number;
  readonly comment: string | null;
  readonly issues: readonly FeedbackIssue[];
  readonly suggestions: readonly string[];
  readonly pilot_group: string | null;
  readonly expected_sector: string | null;
  readonly training_opt_out: boolean;
  readonly request_id: string | null;
  readonly answered_sector: string | null;
  readonly adapter: string | null;
  readonly routed_by: string | null;
  readonly confidence: number | null;
}

function shownFeedback(row: FactsRow): KeptFeedback {
  return {
    id: row.id,
    at: row.at.toISOString(),
    sessionId: row.session_id,
    messageId: row.message_id,
    userId: row.user_id,
    sector: row.sector,
    rating: row.rating,
    comment: row.comment,
    issues: row.issues,
    suggestions: row.suggestions,
    pilotGroup: row.pilot_group,
    expectedSector: row.expected_sector,
    trainingOptOut: row.training_opt_out,
    request:
      row.request_id === null
        ? null
        : {
            id: row.request_id,
            sector: row.answered_sector,
            adapter: row.adapter,
            routedBy: row.routed_by ?? "",
            confidence: row.confidence ?? 0,
          },
  };
}

interface ExampleRow {
  readonly position: string;
  readonly feedback_id: string;
  readonly created_at: Date;
  readonly text: string | null;
  readonly answered_sector: string | null;
  readonly expected_sector: string | null;
  readonly status: ReviewStatus;
}

/** What a rejected one said is not shown again. */
const examples = `
select f.position, e.feedback_id, e.created_at, f.answered_sector, e.expected_sector, e.status,
  case when e.status = 'rejected' then null else coalesce(e.text, f.message) end as text
from routing_examples e join feedback_facts f on f.id = e.feedback_id`;

async function exampleOf(tx: Queryable, id: string): Promise<ExampleRow | undefined> {
  return (await tx.query<ExampleRow>(`${examples} where e.feedback_id = $1`, [id])).rows[0];
}

function shownExample(row: ExampleRow): RoutingExample {
  return {
    id: row.feedback_id,
    at: row.created_at.toISOString(),
    text: row.text,
    routedTo: row.answered_sector,
    expectedSector: row.expected_sector,
    status: row.status,
  };
}

const newest = "9223372036854775807";

/** @throws {InvalidRequestError} */
function positionOf({ after }: Page): string {
  if (after === undefined) return newest;
  if (!/^\d{1,18}$/.test(after))
    throw new InvalidRequestError('"after" is not the "next" of a page.', { param: "after" });
  return after;
}

function paged<Row extends { readonly position: string }, Item>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Item,
): Paged<Item> {
  const shown = rows.slice(0, limit);
  return { items: shown.map(show), next: rows.length > limit ? (shown.at(-1)?.position ?? null) : null };
}
