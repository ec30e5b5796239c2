import { type ApiKey, type ApiKeys, isScope, type MintedApiKey, type NewApiKey } from "../access/index.ts";
import { ReplyBrokenError, UsageError } from "./errors.ts";
import type { ServerClient } from "./server-client.ts";

/** Where keys are made and ended: at the running server, or in the data folder of one that is stopped. */
export interface KeyDesk {
  create(wanted: NewApiKey): Promise<MintedApiKey>;
  list(): Promise<readonly ApiKey[]>;
  rotate(id: string, graceS: number): Promise<MintedApiKey>;
  revoke(id: string): Promise<void>;
}

/** The desk of a running server; its key needs the scope `admin`. */
export function serverKeyDesk(server: ServerClient, signal: AbortSignal): KeyDesk {
  const path = (id: string, rest = ""): string => `v1/keys/${encodeURIComponent(id)}${rest}`;
  return {
    create: async ({ name, scopes, sectors, userId, expiresAt }) => {
      const body = { name, scopes, sectors, user_id: userId, expires_at: expiresAt?.toISOString() ?? null };
      return mintedOf(await server.postJson("v1/keys", body, signal));
    },
    list: async () => {
      const { data } = (await server.getJson("v1/keys", signal)) as { readonly data?: unknown };
      if (!Array.isArray(data)) throw unreadable();
      return data.map(keyOf);
    },
    rotate: async (id, graceS) => mintedOf(await server.postJson(path(id, "/rotate"), { grace_s: graceS }, signal)),
    revoke: async (id) => {
      await server.deleteJson(path(id), signal);
    },
  };
}

/** @param sectorIds those that a key may name */
export function folderKeyDesk(keys: ApiKeys, sectorIds: readonly string[]): KeyDesk {
  return {
    create: async (wanted) => {
      const unknown = wanted.sectors?.find((sector) => !sectorIds.includes(sector));
      if (unknown !== undefined)
        throw new UsageError(
          `There is no sector "${unknown}". Known sectors: ${sectorIds.join(", ")}.`,
          `"${unknown}" adlı bir sektör yok. Sektörler: ${sectorIds.join(", ")}.`,
        );
      return await keys.create(wanted);
    },
    list: () => keys.list(),
    rotate: (id, graceS) => keys.rotate(id, graceS),
    revoke: (id) => keys.revoke(id),
  };
}

function mintedOf(body: unknown): MintedApiKey {
  const { key } = body as { readonly key?: unknown };
  if (typeof key !== "string") throw unreadable();
  return { text: key, key: keyOf(body) };
}

function keyOf(body: unknown): ApiKey {
  const view = body as Readonly<Record<string, unknown>>;
  const { id, name, scopes, sectors, secrets } = view;
  if (typeof id !== "string" || typeof name !== "string" || !Array.isArray(scopes) || !Array.isArray(secrets))
    throw unreadable();
  const text = (field: string): string | null => (typeof view[field] === "string" ? view[field] : null);
  return {
    id,
    name,
    scopes: scopes.map(String).filter(isScope),
    sectors: Array.isArray(sectors) ? sectors.map(String) : null,
    userId: text("user_id"),
    createdAt: text("created_at") ?? "",
    expiresAt: text("expires_at"),
    revokedAt: text("revoked_at"),
    lastUsedAt: text("last_used_at"),
    prefixes: secrets.map(({ begins, valid_until: validUntil }) => ({
      prefix: String(begins).replace("sk-sektor-", ""),
      validUntil: typeof validUntil === "string" ? validUntil : null,
    })),
  };
}

function unreadable(): ReplyBrokenError {
  return new ReplyBrokenError({
    en: "The server's answer about keys cannot be read.",
    tr: "Sunucunun anahtarlarla ilgili yanıtı okunamadı.",
  });
}
