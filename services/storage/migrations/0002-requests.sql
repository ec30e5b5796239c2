-- One row per chat turn that was answered, or failed once its sector was known. See services/records.
create table requests (
  -- x-request-id of the reply; the log line of the request has the same.
  id text primary key,
  at timestamptz not null,
  endpoint text not null,
  session_id text,
  message_id text,
  user_id text,
  sector text,
  confidence double precision not null,
  routed_by text not null,
  -- name@version
  adapter text,
  prompt_tokens integer not null,
  completion_tokens integer not null,
  cached_tokens integer not null,
  queue_ms double precision not null,
  prompt_ms double precision not null,
  predicted_ms double precision not null,
  total_ms double precision not null,
  -- `ok`, or the error's code.
  outcome text not null,
  -- What was said: only where storage.keepMessages is on, and for storage.retentionDays.
  message text,
  reply text
);
create index requests_at on requests (at);
create index requests_message on requests (message_id);
create index requests_session on requests (session_id);
create index requests_user on requests (user_id);
create index requests_with_texts on requests (at) where message is not null or reply is not null;
