-- Whose batch is worked on next, and how much one key may ask for in a day. See services/batch/insert-batch.ts.
alter table batches
  -- The smaller one goes first; it rises whenever the batch lets those of other keys go first.
  add column turn integer not null default 1,
  -- Of the input file.
  add column lines integer not null default 0;
