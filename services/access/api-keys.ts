import type { ApiKey, Caller } from "./api-key.ts";
import type { Scope } from "./scopes.ts";

export interface NewApiKey {
  /** For people, 1–120 characters. */
  readonly name: string;
  /** At least one. */
  readonly scopes: readonly Scope[];
  /** Null: every sector. */
  readonly sectors: readonly string[] | null;
  /** Null: the request says which user it speaks for. */
  readonly userId: string | null;
  /** Null: it does not expire. */
  readonly expiresAt: Date | null;
}

/** The only time the key itself is seen. */
export interface MintedApiKey {
  readonly key: ApiKey;
  /** `sk-sektor-…`; nobody can read it again. */
  readonly text: string;
}

/** The promise of the room: who may come in, and who says so. Every method throws what the storage throws. */
export interface ApiKeys extends AsyncDisposable {
  /**
   * Whether a key is asked for: from the first key that was ever made, so that the end of the last one locks the door instead of opening it.
   * Known for good once true; until then asked again at most every few seconds.
   */
  areRequired(): Promise<boolean>;
  /**
   * @param text what stands behind `Bearer`
   * @returns who it is; undefined: unknown, revoked or expired
   * @throws {KeyCheckBusyError} too many unseen keys wait for their check
   */
  identify(text: string): Promise<Caller | undefined>;
  create(wanted: NewApiKey): Promise<MintedApiKey>;
  /** Newest first, revoked and expired ones included. */
  list(): Promise<readonly ApiKey[]>;
  /**
   * A new secret for the same key; the former ones go on for `graceS` seconds.
   * @throws {ApiKeyNotFoundError}
   */
  rotate(id: string, graceS: number): Promise<MintedApiKey>;
  /** Ends a key at once here, within seconds in other processes. @throws {ApiKeyNotFoundError} */
  revoke(id: string): Promise<void>;
}
