/** The statements of sessions in a database (migrations 0001, 0004). Each is one, so all or nothing, and what it sees is of one moment. */

/** $1 id, $2 now. */
export const load = `
select s.owner, s.user_id, s.sector, s.created_at, s.last_used_at, coalesce(m.messages, '[]'::json) as messages,
  case when s.summary is not null then json_build_object('text', s.summary, 'until', s.summary_until) end as summary
from sessions s
left join lateral (
  select json_agg(json_build_object('id', id, 'role', role, 'content', content, 'at', said_at, 'sector', sector,
    'adapter', adapter) order by position) as messages
  from session_messages where session_id = s.id
) m on true
where s.id = $1 and s.expires_at > $2`;

/**
 * $1 turns as JSON, each of another session: `[{id, owner, user_id, sector, at, expires, messages}]`, $2 most messages of a session.
 * Its parts see the tables as they were before it: `former` are the messages that count as there already (those of an expired session do
 * not), `fresh` the new ones that are not among them, and what is beyond the limit is never kept or goes. Where a living session is another
 * owner's, it is not in `session`: nothing of it is changed, and its id does not come back.
 */
export const appendTurns = `
with given as (
  select * from json_to_recordset($1::json)
    as turn (id text, owner text, user_id text, sector text, at timestamptz, expires timestamptz, messages json)
), former as (
  select m.session_id, m.position, m.id from given g
  join sessions s on s.id = g.id and s.expires_at > g.at
  join session_messages m on m.session_id = g.id
), fresh as (
  select g.id as session_id, m, row_number() over (partition by g.id order by place) as place,
    count(*) over (partition by g.id) as total
  from given g cross join lateral json_array_elements(g.messages) with ordinality as said (m, place)
  where (g.id, m->>'id') not in (select session_id, id from former)
), kept as (
  select position from (
    select position, session_id, row_number() over (partition by session_id order by position desc) as nth from former
  ) f left join (select distinct session_id, total from fresh) n using (session_id)
  where nth <= $2::int - coalesce(total, 0)
), session as (
  insert into sessions as s (id, owner, user_id, sector, created_at, last_used_at, expires_at)
  select id, owner, user_id, sector, at, at, expires from given
  on conflict (id) do update set
    owner = coalesce(case when s.expires_at > excluded.last_used_at then s.owner end, excluded.owner),
    user_id = coalesce(excluded.user_id, case when s.expires_at > excluded.last_used_at then s.user_id end),
    sector = coalesce(excluded.sector, case when s.expires_at > excluded.last_used_at then s.sector end),
    created_at = case when s.expires_at > excluded.last_used_at then s.created_at else excluded.created_at end,
    summary = case when s.expires_at > excluded.last_used_at then s.summary end,
    summary_until = case when s.expires_at > excluded.last_used_at then s.summary_until end,
    last_used_at = excluded.last_used_at,
    expires_at = excluded.expires_at
  where s.expires_at <= excluded.last_used_at or s.owner is null or excluded.owner is null or s.owner = excluded.owner
  returning id
), dropped as (
  delete from session_messages where session_id in (select id from session) and position not in (select position from kept)
), added as (
  insert into session_messages (session_id, id, role, content, said_at, sector, adapter)
  select session_id, m->>'id', m->>'role', m->>'content', m->>'at', m->>'sector', m->>'adapter'
  from fresh join session on session.id = session_id where place > total - $2::int order by session_id, place
)
select id from session`;

/** $1 id, $2 when it was created, $3 now, $4 text, $5 the last message it speaks of. */
export const keepSummary = `
update sessions set summary = $4, summary_until = $5 where id = $1 and created_at = $2 and expires_at > $3`;

/** $1 id, $2 now. The messages go with their session. */
export const forget = "delete from sessions where id = $1 returning expires_at > $2 as living";

/** $1 now. A bounded bite, so that callers never wait long behind it. */
export const sweep =
  "delete from sessions where id in (select id from sessions where expires_at <= $1 order by expires_at limit 500)";
