-- What users think of replies. See services/feedback.
create table feedback (
  -- In the order of arrival; the list pages by it.
  position bigint generated always as identity primary key,
  id text not null unique,
  at timestamptz not null,
  session_id text,
  message_id text,
  user_id text,
  -- What the form or client named; the request's own sector counts before it.
  sector text,
  rating smallint not null check (rating between 1 and 5),
  comment text,
  -- [{"category", "text"}]
  issues jsonb not null,
  -- ["…"]
  suggestions jsonb not null,
  pilot_group text,
  -- Where it should have gone, in the user's eyes.
  expected_sector text,
  training_opt_out boolean not null,
  idempotency_key text unique,
  -- SHA-256, hex, of what was sent: one key stands for one feedback.
  fingerprint text not null
);
create index feedback_at on feedback (at);
create index feedback_user on feedback (user_id);
create index feedback_session on feedback (session_id);
create index feedback_message on feedback (message_id);
create index feedback_opted_out on feedback (user_id) where training_opt_out;

-- "This went to the wrong sector": an example for the router once somebody has looked at it.
create table routing_examples (
  feedback_id text primary key references feedback (id) on delete cascade,
  created_at timestamptz not null,
  -- Given with the feedback; null: what the request log holds, if it holds texts.
  text text,
  expected_sector text,
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected')),
  reviewed_at timestamptz
);
create index routing_examples_status on routing_examples (status, created_at);

-- A feedback beside the request it is about: by its message, or the last one of its session before it.
create view feedback_facts as
select f.*,
  r.id as request_id, coalesce(r.sector, f.sector) as answered_sector, r.adapter, r.routed_by, r.confidence, r.message, r.reply,
  r.user_id as request_user_id
from feedback f
left join lateral (
  select * from (
    select * from requests where message_id = f.message_id
    union all
    select * from requests where f.message_id is null and session_id = f.session_id and at <= f.at
  ) candidates order by at desc limit 1
) r on true;
