import { type Logger, storable } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";
import { keptMessages } from "./kept-message.ts";
import { assertSessionId } from "./session-id.ts";
import type { OwnedSessionStore, SessionMessage, SessionStoreOptions, SessionTurn } from "./session-store.ts";
import { TurnLocks } from "./turn-locks.ts";

export interface EmbeddedOptions extends SessionStoreOptions {
  readonly nowMs?: () => number;
  /** How often sessions whose time is over are deleted; a minute unless told. */
  readonly sweepEveryMs?: number;
  readonly logger?: Logger;
}

export interface EmbeddedSessionStore extends OwnedSessionStore {
  /** @param atMs when the turn was taken; now unless told */
  append(id: string, turn: SessionTurn, atMs?: number): Promise<void>;
}

/** Sessions in the database of this process (migration 0001). Turns are serialised here: the folder has one process. */
export function createEmbeddedSessionStore(database: Database, options: EmbeddedOptions): EmbeddedSessionStore {
  const { ttlS, maxMessages, nowMs = Date.now, sweepEveryMs = 60_000, logger } = options;
  const turns = new TurnLocks(options);
  const now = () => new Date(nowMs());

  let sweeping: Promise<unknown> | undefined;
  const sweeper = setInterval(() => {
    sweeping ??= database
      .query(sweep, [now()])
      .catch((failure: unknown) => logger?.warn({ failure: String(failure) }, "session-sweep-failed"))
      .finally(() => {
        sweeping = undefined;
      });
  }, sweepEveryMs).unref();

  return {
    async load(id) {
      assertSessionId(id);
      const { rows } = await database.query<SessionRow>(load, [id, now()]);
      const [session] = rows;
      if (session === undefined) return undefined;
      return {
        id,
        userId: session.user_id,
        sector: session.sector,
        createdAt: session.created_at.toISOString(),
        lastUsedAt: session.last_used_at.toISOString(),
        messages: session.messages,
      };
    },

    async append(id, turn, atMs = nowMs()) {
      assertSessionId(id);
      const { userId, sector, messages } = turn;
      await database.query(append, [
        id,
        storable(userId ?? null),
        storable(sector),
        new Date(atMs),
        new Date(atMs + ttlS * 1000),
        maxMessages,
        JSON.stringify(keptMessages(messages)),
      ]);
    },

    async delete(id) {
      assertSessionId(id);
      const { rows } = await database.query<{ living: boolean }>(forget, [id, now()]);
      return rows[0]?.living ?? false;
    },

    async sessionsOf(userId) {
      const { rows } = await database.query<{ id: string }>("select id from sessions where user_id = $1", [
        storable(userId),
      ]);
      return rows.map(({ id }) => id);
    },

    async withTurn(id, work, signal) {
      assertSessionId(id);
      return turns.withTurn(id, work, signal);
    },

    async [Symbol.asyncDispose]() {
      clearInterval(sweeper);
      await sweeping;
    },
  };
}

interface SessionRow {
  readonly user_id: string | null;
  readonly sector: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly messages: readonly SessionMessage[];
}

/** $1 id, $2 now. One statement: what it sees is of one moment. */
const load = `
select s.user_id, s.sector, s.created_at, s.last_used_at, coalesce(m.messages, '[]'::json) as messages
from sessions s
left join lateral (
  select json_agg(json_build_object('id', id, 'role', role, 'content', content, 'at', said_at, 'sector', sector,
    'adapter', adapter) order by position) as messages
  from session_messages where session_id = s.id
) m on true
where s.id = $1 and s.expires_at > $2`;

/**
 * $1 id, $2 user, $3 sector, $4 now, $5 expiry, $6 most messages, $7 new messages as JSON. One statement, so all or nothing.
 * Its parts see the tables as they were before it: \`former\` are the messages that count as there already (those of an expired
 * session do not), \`fresh\` the new ones that are not among them, and what is beyond the limit is never kept or goes.
 */
const append = `
with former as (
  select m.position, m.id from session_messages m join sessions s on s.id = m.session_id
  where m.session_id = $1 and s.expires_at > $4
), fresh as (
  select m, row_number() over (order by place) as place, count(*) over () as total
  from json_array_elements($7::json) with ordinality as given (m, place)
  where m->>'id' not in (select id from former)
), kept as (
  select position from former order by position desc
  limit greatest(0, $6::int - (select count(*) from fresh))
), dropped as (
  delete from session_messages where session_id = $1 and position not in (select position from kept)
), session as (
  insert into sessions as s (id, user_id, sector, created_at, last_used_at, expires_at) values ($1, $2, $3, $4, $4, $5)
  on conflict (id) do update set
    user_id = coalesce(excluded.user_id, case when s.expires_at > $4 then s.user_id end),
    sector = coalesce(excluded.sector, case when s.expires_at > $4 then s.sector end),
    created_at = case when s.expires_at > $4 then s.created_at else excluded.created_at end,
    last_used_at = excluded.last_used_at,
    expires_at = excluded.expires_at
)
insert into session_messages (session_id, id, role, content, said_at, sector, adapter)
select $1, m->>'id', m->>'role', m->>'content', m->>'at', m->>'sector', m->>'adapter'
from fresh where place > total - $6::int order by place`;

/** $1 id, $2 now. The messages go with their session. */
const forget = "delete from sessions where id = $1 returning expires_at > $2 as living";

/** $1 now. A bounded bite, so that callers never wait long behind it. */
const sweep =
  "delete from sessions where id in (select id from sessions where expires_at <= $1 order by expires_at limit 500)";
