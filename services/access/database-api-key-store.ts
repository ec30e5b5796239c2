import type { Queryable } from "../storage/index.ts";
import type { ApiKey } from "./api-key.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import { isScope } from "./scopes.ts";

/** Keys in the database (migration 0010). Each method is one statement, so all or nothing. */
export function createDatabaseApiKeyStore(database: Queryable): ApiKeyStore {
  return {
    async bySecretPrefix(prefix) {
      const { rows } = await database.query<SecretRow>(secretWithKey, [prefix]);
      const [row] = rows;
      if (row === undefined) return undefined;
      const { salt, hash, valid_until: until } = row;
      return { prefix, salt, hash, validUntil: until?.toISOString() ?? null, key: keyOf(row) };
    },
    async hasAny() {
      return (await database.query("select 1 from api_keys limit 1")).rows.length > 0;
    },
    async insert(key, { prefix, salt, hash }) {
      const { id, name, scopes, sectors, userId, createdAt, expiresAt } = key;
      const facts = [id, name, [...scopes], sectors, userId, createdAt, expiresAt];
      await database.query(insertKey, [...facts, prefix, salt, hash]);
    },
    async list() {
      return (await database.query<KeyRow>(`${allKeys} order by k.created_at desc, k.id`)).rows.map(keyOf);
    },
    async byId(id) {
      const [row] = (await database.query<KeyRow>(`${allKeys} where k.id = $1`, [id])).rows;
      return row === undefined ? undefined : keyOf(row);
    },
    async addSecret(id, { prefix, salt, hash }, at, formerUntil) {
      const { rows } = await database.query(addSecret, [id, prefix, salt, hash, at, formerUntil]);
      return rows.length > 0;
    },
    async revoke(id, at) {
      const sql = "update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1 returning id";
      return (await database.query(sql, [id, at])).rows.length > 0;
    },
    async markUsed(uses) {
      await database.query(markUsed, [uses.map(({ id }) => id), uses.map(({ at }) => at.toISOString())]);
    },
  };
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly sectors: readonly string[] | null;
  readonly user_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly prefixes: readonly { readonly prefix: string; readonly until: string | null }[];
}

interface SecretRow extends KeyRow {
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly valid_until: Date | null;
}

function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    // A scope that a newer version wrote is nothing this one could grant.
    scopes: row.scopes.filter(isScope),
    sectors: row.sectors,
    userId: row.user_id,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    prefixes: row.prefixes.map(({ prefix, until }) => ({
      prefix,
      validUntil: until === null ? null : new Date(until).toISOString(),
    })),
  };
}

const columns = `k.id, k.name, k.scopes, k.sectors, k.user_id, k.created_at, k.expires_at, k.revoked_at, k.last_used_at,
  (select coalesce(json_agg(json_build_object('prefix', o.prefix, 'until', o.valid_until) order by o.created_at desc), '[]'::json)
   from api_key_secrets o where o.key_id = k.id) as prefixes`;
const allKeys = `select ${columns} from api_keys k`;

/** $1 prefix. */
const secretWithKey = `select s.salt, s.hash, s.valid_until, ${columns}
from api_key_secrets s join api_keys k on k.id = s.key_id where s.prefix = $1`;

/** $1 id, $2 name, $3 scopes, $4 sectors, $5 user, $6 now, $7 expiry, $8 prefix, $9 salt, $10 hash. */
const insertKey = `
with made as (
  insert into api_keys (id, name, scopes, sectors, user_id, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7) returning id, created_at
)
insert into api_key_secrets (prefix, key_id, salt, hash, created_at) select $8, id, $9, $10, created_at from made`;

/** $1 key, $2 prefix, $3 salt, $4 hash, $5 now, $6 end of the former secrets. The parts do not see each other's rows. */
const addSecret = `
with living as (select id from api_keys where id = $1 and revoked_at is null for update),
ended as (
  update api_key_secrets set valid_until = least(valid_until, $6::timestamptz) where key_id in (select id from living)
)
insert into api_key_secrets (prefix, key_id, salt, hash, created_at)
select $2, id, $3, $4, $5 from living returning prefix`;

/** $1 ids, $2 times. */
const markUsed = `
update api_keys k set last_used_at = greatest(k.last_used_at, u.at)
from unnest($1::text[], $2::timestamptz[]) as u (id, at) where k.id = u.id`;
