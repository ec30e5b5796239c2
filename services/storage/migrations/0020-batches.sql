-- Files of JSON lines that ask for many replies, and what was answered. See services/batch.
create table batch_files (
  id text primary key,
  -- In the order of arrival; the list pages by it.
  position bigint generated always as identity,
  -- The API key it belongs to; null: none was asked for.
  key_id text,
  purpose text not null check (purpose in ('batch', 'batch_output')),
  filename text not null,
  bytes bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- False while it is being uploaded.
  complete boolean not null,
  -- Its lines: those of an upload by its own id; of an output file by the batch's id, with the answers' `ok`.
  lines_of text not null,
  lines_ok boolean
);
create index batch_files_of_key on batch_files (key_id, position);
create index batch_files_expire on batch_files (expires_at);

create table batch_lines (
  lines_of text not null,
  -- From 1; an answer has the number of the line it answers, so no line is answered twice.
  line integer not null,
  -- Of an answer: whether it is one, or says why there is none.
  ok boolean,
  -- With its line end.
  content text not null,
  primary key (lines_of, line)
);

create table batches (
  id text primary key,
  position bigint generated always as identity,
  key_id text,
  user_id text,
  -- Sectors the key may use; null: all.
  sectors text[],
  endpoint text not null,
  completion_window text not null,
  metadata jsonb,
  input_file_id text not null,
  output_file_id text,
  error_file_id text,
  status text not null check (status in
    ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled')),
  -- status → when it was reached, unix seconds
  times jsonb not null,
  expires_at timestamptz not null,
  -- Why the input was refused: [{"code", "message", "line", "param"}]
  errors jsonb,
  total integer not null default 0,
  completed integer not null default 0,
  failed integer not null default 0
);
create index batches_of_key on batches (key_id, position);
create index batches_open on batches (position) where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
