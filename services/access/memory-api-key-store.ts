import type { ApiKey, KeptSecret } from "./api-key.ts";
import type { ApiKeyStore } from "./api-key-store.ts";

interface Secret extends KeptSecret {
  readonly keyId: string;
  readonly validUntil: string | null;
}

/** Keys for as long as the process lives: tests and demonstrations. */
export function createMemoryApiKeyStore(): ApiKeyStore {
  const keys = new Map<string, Omit<ApiKey, "prefixes">>();
  /** Oldest first. */
  let secrets: readonly Secret[] = [];
  const shown = (key: Omit<ApiKey, "prefixes">): ApiKey => ({
    ...key,
    prefixes: secrets
      .filter(({ keyId }) => keyId === key.id)
      .map(({ prefix, validUntil }) => ({ prefix, validUntil }))
      .reverse(),
  });
  const change = (id: string, changes: Partial<ApiKey>): boolean => {
    const key = keys.get(id);
    if (key !== undefined) keys.set(id, { ...key, ...changes });
    return key !== undefined;
  };
  return {
    async bySecretPrefix(prefix) {
      const secret = secrets.find((one) => one.prefix === prefix);
      const key = keys.get(secret?.keyId ?? "");
      if (secret === undefined || key === undefined) return undefined;
      const { salt, hash, validUntil } = secret;
      return { prefix, salt, hash, validUntil, key: shown(key) };
    },
    hasAny: async () => keys.size > 0,
    async insert(key, secret) {
      keys.set(key.id, { ...key, revokedAt: null, lastUsedAt: null });
      secrets = [...secrets, { ...secret, keyId: key.id, validUntil: null }];
    },
    list: async () => [...keys.values()].reverse().map(shown),
    async byId(id) {
      const key = keys.get(id);
      return key === undefined ? undefined : shown(key);
    },
    async addSecret(id, secret, _at, formerUntil) {
      if (keys.get(id)?.revokedAt !== null) return false;
      const until = formerUntil.toISOString();
      const ended = secrets.map((one) =>
        one.keyId === id && (one.validUntil === null || one.validUntil > until) ? { ...one, validUntil: until } : one,
      );
      secrets = [...ended, { ...secret, keyId: id, validUntil: null }];
      return true;
    },
    revoke: async (id, at) => change(id, { revokedAt: keys.get(id)?.revokedAt ?? at.toISOString() }),
    async markUsed(uses) {
      for (const { id, at } of uses) {
        const former = keys.get(id)?.lastUsedAt ?? "";
        if (at.toISOString() > former) change(id, { lastUsedAt: at.toISOString() });
      }
    },
  };
}
