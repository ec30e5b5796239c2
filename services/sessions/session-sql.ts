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
 * $1 id, $2 user, $3 sector, $4 now, $5 expiry, $6 most messages, $7 new messages as JSON, $8 owner.
 * Its parts see the tables as they were before it: `former` are the messages that count as there already (those of an expired session do
 * not), `fresh` the new ones that are not among them, and what is beyond the limit is never kept or goes. Where a living session is another
 * owner's, `session` is empty: nothing is changed, and no row comes back.
 */
export const append = `
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
), session as (
  insert into sessions as s (id, owner, user_id, sector, created_at, last_used_at, expires_at)
  values ($1, $8, $2, $3, $4, $4, $5)
  on conflict (id) do update set
    owner = coalesce(case when s.expires_at > $4 then s.owner end, excluded.owner),
    user_id = coalesce(excluded.user_id, case when s.expires_at > $4 then s.user_id end),
    sector = coalesce(excluded.sector, case when s.expires_at > $4 then s.sector end),
    created_at = case when s.expires_at > $4 then s.created_at else excluded.created_at end,
    summary = case when s.expires_at > $4 then s.summary end,
    summary_until = case when s.expires_at > $4 then s.summary_until end,
    last_used_at = excluded.last_used_at,
    expires_at = excluded.expires_at
  where s.expires_at <= $4 or s.owner is null or excluded.owner is null or s.owner = excluded.owner
  returning id
), dropped as (
  delete from session_messages where session_id = (select id from session) and position not in (select position from kept)
), added as (
  insert into session_messages (session_id, id, role, content, said_at, sector, adapter)
  select session.id, m->>'id', m->>'role', m->>'content', m->>'at', m->>'sector', m->>'adapter'
  from fresh cross join session where place > total - $6::int order by place
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
