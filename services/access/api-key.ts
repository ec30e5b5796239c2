import type { Scope } from "./scopes.ts";

/** What is known of a key, its secret apart. Times are ISO 8601. */
export interface ApiKey {
  readonly id: string;
  /** For people: whose key it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null: every sector. */
  readonly sectors: readonly string[] | null;
  /** The user its requests count for; null: the request says. */
  readonly userId: string | null;
  readonly createdAt: string;
  /** Null: it does not expire. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** Null: never. Written every few seconds, not at every request. */
  readonly lastUsedAt: string | null;
  /** Public beginnings of its secrets, newest first; one of an earlier secret ends with the grace of its rotation. */
  readonly prefixes: readonly { readonly prefix: string; readonly validUntil: string | null }[];
}

/** A secret at rest. */
export interface KeptSecret {
  /** Public beginning of the key, by which it is found. */
  readonly prefix: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Who sends a request, as far as its key tells. */
export interface Caller {
  /** Null: no key was asked for. */
  readonly keyId: string | null;
  readonly scopes: readonly Scope[];
  /** Null: every sector. */
  readonly sectors: readonly string[] | null;
  /** Null: the request says. */
  readonly userId: string | null;
}
