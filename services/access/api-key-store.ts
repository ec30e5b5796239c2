import type { ApiKey, KeptSecret } from "./api-key.ts";

/** A secret together with the key it opens. */
export interface FoundSecret extends KeptSecret {
  /** ISO 8601; null: as long as the key itself. */
  readonly validUntil: string | null;
  readonly key: ApiKey;
}

/** Where keys are kept. Every method throws what the storage throws. */
export interface ApiKeyStore {
  /** The secret with this public beginning, revoked and expired ones included. */
  bySecretPrefix(prefix: string): Promise<FoundSecret | undefined>;
  /** Whether any key was ever made; revoked ones count. */
  hasAny(): Promise<boolean>;
  insert(key: Omit<ApiKey, "prefixes" | "revokedAt" | "lastUsedAt">, secret: KeptSecret): Promise<void>;
  /** Newest first. */
  list(): Promise<readonly ApiKey[]>;
  byId(id: string): Promise<ApiKey | undefined>;
  /** Adds a secret; the others end at `formerUntil`, or earlier where they did already. False: no such key, or it was revoked. */
  addSecret(id: string, secret: KeptSecret, at: Date, formerUntil: Date): Promise<boolean>;
  /** False: no such key. Revoking twice keeps the first time. */
  revoke(id: string, at: Date): Promise<boolean>;
  /** Later times win. */
  markUsed(uses: readonly { readonly id: string; readonly at: Date }[]): Promise<void>;
}
