-- What is kept of a job beside the queue, where the embedded database keeps the queue (services/jobs/embedded). In Redis it has its own keys.
create table job_chunks (
  job_id text not null,
  run integer not null,
  number integer not null,
  chunk json not null,
  expires_at timestamptz not null,
  primary key (job_id, run, number)
);
create index job_chunks_expiry on job_chunks (expires_at);

create table job_marks (
  job_id text not null,
  kind text not null check (kind in ('place', 'cancel')),
  mark json not null,
  expires_at timestamptz not null,
  primary key (job_id, kind)
);
create index job_marks_expiry on job_marks (expires_at);

-- What jobs make that is too long for a queue, in parts that are read one after another; wherever the queue is kept.
create table job_outputs (
  job_id text not null,
  part integer not null,
  content text not null,
  expires_at timestamptz not null,
  primary key (job_id, part)
);
create index job_outputs_expiry on job_outputs (expires_at);
