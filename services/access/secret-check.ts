import { FairLock } from "../foundation/fair-lock.ts";
import type { ApiKey } from "./api-key.ts";
import type { ApiKeyStore, FoundSecret } from "./api-key-store.ts";
import { KeyCheckBusyError } from "./errors.ts";
import { matchesHash } from "./key-hash.ts";
import { prefixOf } from "./key-text.ts";
import { RecentMap } from "./recent-map.ts";

export interface SecretCheckOptions {
  readonly nowMs: () => number;
  readonly freshMs: number;
  readonly staleMs: number;
}

/** A text that opened a key: what was found, and when it was read. */
interface Verified {
  readonly found: FoundSecret;
  readonly readAtMs: number;
  /** How often keys had been changed here by then. */
  readonly change: number;
}

const mostRemembered = 10_000;
const mostWaiting = 1024;
/** A thousand keys of a gateway that has just started, all at once, take half of it. */
const waitMs = 60_000;
const lanes = 2;

/**
 * Whether a text opens a key. scrypt runs once per key and process; afterwards the text is known by its SHA-256, which in memory is
 * as good as a hash at rest, since a key has 256 random bits. Expiry and revocation are looked at every time.
 */
export class SecretCheck {
  readonly #store: ApiKeyStore;
  readonly #options: SecretCheckOptions;
  readonly #verified = new RecentMap<string, Verified>(mostRemembered);
  /** Texts with a known beginning and a wrong end: no later moment makes them right. */
  readonly #wrong = new RecentMap<string, true>(mostRemembered);
  readonly #running = new Map<string, Promise<Verified | undefined>>();
  /** Two scrypts at a time: the pool's other two threads stay free for files and names. */
  readonly #hashing = Array.from({ length: lanes }, () => new FairLock(mostWaiting / lanes));
  #asked = 0;
  #change = 0;

  constructor(store: ApiKeyStore, options: SecretCheckOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @param digest SHA-256 of `text`, any spelling @throws {KeyCheckBusyError} */
  async keyOf(text: string, digest: string): Promise<ApiKey | undefined> {
    const prefix = prefixOf(text);
    if (prefix === undefined || this.#wrong.get(digest) !== undefined) return undefined;
    const remembered = this.#verified.get(digest);
    const verified = this.#isYounger(remembered, this.#options.freshMs)
      ? remembered
      : await this.#once(text, prefix, digest);
    if (verified === undefined || !isValid(verified.found, this.#options.nowMs())) return undefined;
    return verified.found.key;
  }

  /** A key was changed: what is known of keys, or being read at this moment, is read again at their next use. */
  changed(): void {
    this.#change += 1;
    this.#running.clear();
  }

  #isYounger(verified: Verified | undefined, ms: number): verified is Verified {
    if (verified === undefined || verified.change !== this.#change) return false;
    // A clock set back makes nothing younger.
    return Math.abs(this.#options.nowMs() - verified.readAtMs) < ms;
  }

  /** Requests that come with the same key at the same moment share one check. */
  #once(text: string, prefix: string, digest: string): Promise<Verified | undefined> {
    const running = this.#running.get(digest);
    if (running !== undefined) return running;
    const check = this.#check(text, prefix, digest).finally(() => {
      if (this.#running.get(digest) === check) this.#running.delete(digest);
    });
    this.#running.set(digest, check);
    return check;
  }

  async #check(text: string, prefix: string, digest: string): Promise<Verified | undefined> {
    const former = this.#verified.get(digest);
    const change = this.#change;
    const readAtMs = this.#options.nowMs();
    let found: FoundSecret | undefined;
    try {
      found = await this.#store.bySecretPrefix(prefix);
    } catch (failure) {
      // A storage that is away for a moment does not lock out those who were in.
      if (this.#isYounger(former, this.#options.staleMs)) return former;
      throw failure;
    }
    if (found === undefined) {
      this.#verified.delete(digest);
      return undefined;
    }
    const same = former?.found.hash.equals(found.hash) === true && former.found.salt.equals(found.salt);
    // The public beginning is no secret, so that it is known may show in the time; the rest is compared in constant time.
    if (!same && !(await this.#matches(text, found))) {
      this.#wrong.set(digest, true);
      return undefined;
    }
    const verified = { found, readAtMs, change };
    this.#verified.set(digest, verified);
    return verified;
  }

  async #matches(text: string, found: FoundSecret): Promise<boolean> {
    const lane = this.#hashing[this.#asked++ % lanes];
    const release = await lane?.acquire(waitMs);
    if (typeof release !== "function") throw new KeyCheckBusyError();
    try {
      return await matchesHash(text, found);
    } finally {
      release();
    }
  }
}

function isValid({ key, validUntil }: FoundSecret, nowMs: number): boolean {
  const over = (at: string | null): boolean => at !== null && Date.parse(at) <= nowMs;
  return key.revokedAt === null && !over(key.expiresAt) && !over(validUntil);
}
