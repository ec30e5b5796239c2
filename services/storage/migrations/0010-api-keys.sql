-- API keys: who may do what. A key keeps its id when it is rotated; its secrets come and go. See services/access.
create table api_keys (
  id text primary key,
  name text not null,
  scopes text[] not null check (cardinality(scopes) > 0),
  -- Null: every sector.
  sectors text[],
  -- Null: the caller says which user it speaks for.
  user_id text,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

create table api_key_secrets (
  -- The public beginning of the key, by which it is found.
  prefix text primary key,
  key_id text not null references api_keys (id) on delete cascade,
  salt bytea not null,
  -- scrypt of the whole key; its cost stands in services/access/key-hash.ts.
  hash bytea not null,
  created_at timestamptz not null,
  -- Set by a rotation: from then on the secret is not accepted any more.
  valid_until timestamptz
);
create index api_key_secrets_key on api_key_secrets (key_id);
