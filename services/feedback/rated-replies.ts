import type { Database } from "../storage/index.ts";

/** A rating beside the reply it is about. */
export interface RatedReply {
  readonly id: string;
  /** That answered; what the sender named, where no request is known. */
  readonly sector: string | null;
  /** `name@version`; null: the base answered, or no request is known. */
  readonly adapter: string | null;
  readonly rating: number;
}

/** The feedbacks with these ids; those that are not there any more are left out. */
export async function readRatedReplies(database: Database, ids: readonly string[]): Promise<readonly RatedReply[]> {
  const { rows } = await database.query<RatedReply>(
    `select id, answered_sector as sector, adapter, rating::int as rating from feedback_facts where id = any($1::text[])`,
    [ids],
  );
  return rows;
}

/** What users' judgement comes to. */
export interface JudgedReplies {
  /** Turns whose sector the platform chose and that somebody gave feedback on, and how many of them went to a wrong sector. */
  readonly routing: { readonly judged: number; readonly wrong: number };
  /** Ratings of each adapter's replies, and how many of them were 4 or 5. */
  readonly adapters: readonly {
    readonly sector: string;
    /** `name@version` */
    readonly adapter: string;
    readonly rated: number;
    readonly good: number;
  }[];
}

/** Newest first; more would say nothing else, and take the database's time. */
const mostJudged = 5_000;

/** @param since ISO 8601; of what is newer, the newest 5 000 feedbacks count */
export async function readJudgedReplies(database: Database, since: string): Promise<JudgedReplies> {
  const { rows } = await database.query<{
    sector: string | null;
    adapter: string | null;
    count: number;
    good: number;
    judged: number;
    wrong: number;
  }>(
    `select sector, adapter, count(*)::int as count, (count(*) filter (where rating >= 4))::int as good,
      (count(*) filter (where routed))::int as judged, (count(*) filter (where routed and wrong))::int as wrong
    from (
      select answered_sector as sector, adapter, rating, request_id is not null and routed_by <> 'request' as routed,
        exists (select 1 from routing_examples e where e.feedback_id = newest.id) as wrong
      from (select * from feedback_facts where at >= $1 order by position desc limit ${mostJudged}) newest
    ) facts group by 1, 2`,
    [since],
  );
  const sum = (of: "judged" | "wrong"): number => rows.reduce((total, row) => total + row[of], 0);
  return {
    routing: { judged: sum("judged"), wrong: sum("wrong") },
    adapters: rows.flatMap(({ sector, adapter, count, good }) =>
      sector === null || adapter === null ? [] : [{ sector, adapter, rated: count, good }],
    ),
  };
}
