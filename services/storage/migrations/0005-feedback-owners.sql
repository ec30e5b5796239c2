-- An idempotency key is its sender's own: two senders may choose the same. See services/feedback.
alter table feedback
  -- Id of the API key that sent it; null: none was asked for, or the feedback is older than this column.
  add column owner text,
  drop constraint feedback_idempotency_key_key;
create unique index feedback_idempotency on feedback (coalesce(owner, ''), idempotency_key);
