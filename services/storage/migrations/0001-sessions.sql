-- Conversations: one row per session, one per message. See services/sessions/embedded-session-store.ts.
create table sessions (
  id text primary key,
  user_id text,
  sector text,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_expires_at on sessions (expires_at);

create table session_messages (
  session_id text not null references sessions (id) on delete cascade,
  position bigint generated always as identity,
  id text not null,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  -- ISO 8601 exactly as it was given: the same text comes back from every keeper.
  said_at text not null,
  sector text,
  adapter text,
  primary key (session_id, position)
);
