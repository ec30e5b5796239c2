-- Whose a session is, and what was said before the messages that still go into prompts. See services/sessions.
alter table sessions
  -- Id of the API key that opened it; null: no key was asked for, or the session is older than this column.
  add column owner text,
  add column summary text,
  -- Id of the last message the summary speaks of.
  add column summary_until text;
