import { createHash, randomUUID } from "node:crypto";
import { type Logger, storable } from "../foundation/index.ts";
import type { ApiKey, KeptSecret } from "./api-key.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import type { ApiKeys, MintedApiKey } from "./api-keys.ts";
import { createEnvironmentKeys } from "./environment-keys.ts";
import { ApiKeyNotFoundError } from "./errors.ts";
import { hashKey } from "./key-hash.ts";
import { mintKey } from "./key-text.ts";
import { SecretCheck } from "./secret-check.ts";
import { UseMarks } from "./use-marks.ts";

export interface KeptApiKeysOptions {
  readonly store: ApiKeyStore;
  /** SHA-256, hex, of keys that the settings bring; they may do everything. */
  readonly environmentSha256?: readonly string[];
  /** Wall clock, ms since 1970. */
  readonly nowMs?: () => number;
  /** How long what is known of a key is used before it is read again; 5 000 unless told. */
  readonly freshMs?: number;
  /** How long it is used on while the storage is away; 300 000 unless told. */
  readonly staleMs?: number;
  /** How often last uses are written; 10 000 unless told. */
  readonly markEveryMs?: number;
  readonly logger?: Logger;
}

/** Keys in a store: secrets hashed, checked once a process, and remembered by their digest. */
export function createApiKeys(options: KeptApiKeysOptions): ApiKeys {
  const { store, environmentSha256 = [], nowMs = Date.now, freshMs = 5_000, staleMs = 300_000, logger } = options;
  const environmentKeys = createEnvironmentKeys(environmentSha256);
  const check = new SecretCheck(store, { nowMs, freshMs, staleMs });
  const marks = new UseMarks(store, { everyMs: options.markEveryMs ?? 10_000, ...(logger ? { logger } : {}) });
  let required = environmentSha256.length > 0;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const mint = async (): Promise<{ readonly text: string; readonly secret: KeptSecret }> => {
    const { text, prefix } = mintKey();
    return { text, secret: { prefix, ...(await hashKey(text)) } };
  };
  const minted = async (id: string, text: string): Promise<MintedApiKey> => ({ text, key: await known(store, id) });

  return {
    areRequired: async () => {
      if (required) return true;
      const now = nowMs();
      // A clock set back must not keep the door open.
      if (Math.abs(now - askedAtMs) < freshMs) return false;
      try {
        required ||= await store.hasAny();
        askedAtMs = now;
      } catch (failure) {
        // A server without keys goes on without them while its storage is away.
        if (Math.abs(now - askedAtMs) >= staleMs) throw failure;
      }
      return required;
    },

    identify: async (text) => {
      const digest = createHash("sha256").update(text).digest();
      const fromEnvironment = environmentKeys.callerOf(digest);
      if (fromEnvironment !== undefined) return fromEnvironment;
      const key = await check.keyOf(text, digest.toString("base64"));
      if (key === undefined) return undefined;
      marks.used(key.id, nowMs());
      return { keyId: key.id, scopes: key.scopes, sectors: key.sectors, userId: key.userId };
    },

    create: async ({ scopes, sectors, expiresAt, ...said }) => {
      const { text, secret } = await mint();
      const [name, userId] = [storable(said.name), storable(said.userId)];
      const id = `key_${randomUUID().replaceAll("-", "").slice(0, 20)}`;
      const createdAt = new Date(nowMs()).toISOString();
      const expiry = expiresAt?.toISOString() ?? null;
      await store.insert(
        { id, name, scopes: [...new Set(scopes)], sectors, userId, createdAt, expiresAt: expiry },
        secret,
      );
      required = true;
      return await minted(id, text);
    },

    list: () => store.list(),

    rotate: async (id, graceS) => {
      const { text, secret } = await mint();
      const now = nowMs();
      const done = await store.addSecret(storable(id), secret, new Date(now), new Date(now + graceS * 1000));
      check.changed();
      if (!done) throw new ApiKeyNotFoundError();
      return await minted(id, text);
    },

    revoke: async (id) => {
      const done = await store.revoke(storable(id), new Date(nowMs()));
      check.changed();
      if (!done) throw new ApiKeyNotFoundError();
    },

    [Symbol.asyncDispose]: () => marks.close(),
  };
}

async function known(store: ApiKeyStore, id: string): Promise<ApiKey> {
  const key = await store.byId(id);
  if (key === undefined) throw new ApiKeyNotFoundError();
  return key;
}
