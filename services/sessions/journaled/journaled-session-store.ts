import { join } from "node:path";
import { type Logger, pause, within } from "../../foundation/index.ts";
import { StorageBusyError } from "../../storage/index.ts";
import type { EmbeddedSessionStore } from "../embedded-session-store.ts";
import { assertSessionId } from "../session-id.ts";
import { afterTurn, fromSession, keptSummary, toSession } from "../session-state.ts";
import type { OwnedSessionStore, Session, SessionSummary, SessionTurn } from "../session-store.ts";
import { bringOver } from "./bring-over.ts";
import type { JournaledOptions } from "./journaled-options.ts";
import { RecentSessions } from "./recent-sessions.ts";
import { type JournalEntry, SessionJournal } from "./session-journal.ts";

const longestPauseMs = 5_000;

/**
 * The embedded keeper without its database on the way of a reply: a turn is acknowledged when it stands in a journal on disk, and brought
 * over behind the scenes, in order, each once. Sessions used lately are read from memory. What a killed process left in the journal is brought
 * over at the next start; what is damaged, or refused for good, is set aside there and kept from nobody's start. Owns `behind`.
 * @throws {StorageFullError | StorageUnavailableError} the journal cannot be opened, or what it held cannot be brought over
 */
export async function openJournaledSessionStore(
  behind: EmbeddedSessionStore,
  options: JournaledOptions,
): Promise<OwnedSessionStore> {
  const { ttlS, nowMs = Date.now, folder } = options;
  const journal = new SessionJournal(join(folder, "journal"));
  const living = journal.left.filter(({ atMs }) => nowMs() < atMs + ttlS * 1000);
  const lost: (Buffer | JournalEntry)[] = [...journal.damaged];
  await bringOver(behind, living, {
    onFailure: async (failure) => {
      throw failure;
    },
    onDone: (entries, refusal) => void (refusal !== undefined && lost.push(...entries)),
  });
  if (lost.length > 0) {
    const file = journal.setAside(lost);
    options.logger?.warn({ lines: lost.length, file }, "session-journal-damaged");
  }
  journal.clear();
  if (living.length > 0) options.logger?.info({ turns: living.length }, "session-journal-replayed");
  return new JournaledSessionStore(behind, journal, options);
}

class JournaledSessionStore implements OwnedSessionStore {
  readonly #behind: EmbeddedSessionStore;
  readonly #journal: SessionJournal;
  readonly #recent: RecentSessions;
  readonly #ttlMs: number;
  readonly #maxMessages: number;
  readonly #maxUnsaved: number;
  readonly #gatherMs: number;
  readonly #drainLimitMs: number;
  readonly #nowMs: () => number;
  readonly #logger: Logger | undefined;
  readonly #closing = new AbortController();
  /** Sessions being read from the database, and whether they were changed meanwhile. */
  readonly #readers = new Map<string, { readers: number; changed: boolean }>();
  /** Turns of a session on their way. */
  readonly #unsaved = new Map<string, number>();
  #queue: JournalEntry[] = [];
  #unsavedTurns = 0;
  #draining: Promise<void> | undefined;

  constructor(behind: EmbeddedSessionStore, journal: SessionJournal, options: JournaledOptions) {
    this.#behind = behind;
    this.#journal = journal;
    this.#recent = new RecentSessions(options.maxRecentCharacters ?? 16_000_000);
    this.#ttlMs = options.ttlS * 1000;
    this.#maxMessages = options.maxMessages;
    this.#maxUnsaved = options.maxUnsaved ?? 2_000;
    this.#gatherMs = options.gatherMs ?? 200;
    this.#drainLimitMs = options.drainLimitMs ?? 10_000;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#logger = options.logger;
  }

  async load(id: string) {
    assertSessionId(id);
    const recent = this.#recent.get(id);
    if (recent !== undefined) {
      return this.#nowMs() < recent.lastUsedAtMs + this.#ttlMs ? toSession(id, recent) : undefined;
    }
    if (this.#unsaved.has(id)) await this.#drained();
    const reading = this.#readers.get(id) ?? { readers: 0, changed: false };
    this.#readers.set(id, reading);
    reading.readers += 1;
    try {
      const session = await this.#behind.load(id);
      if (session !== undefined && !reading.changed) this.#recent.set(id, fromSession(session));
      return session;
    } finally {
      reading.readers -= 1;
      if (reading.readers === 0) this.#readers.delete(id);
    }
  }

  async append(id: string, turn: SessionTurn) {
    assertSessionId(id);
    if (this.#unsavedTurns >= this.#maxUnsaved) await this.#drained();
    // Whose it is has to be known before a key's turn is acknowledged.
    const ask = turn.owner != null && turn.opensSession !== true && this.#recent.get(id) === undefined;
    let loaded: Session | undefined;
    if (ask) {
      // Again where another turn was written meanwhile, and is not among the recent ones.
      do loaded = await this.load(id);
      while (this.#recent.get(id) === undefined && this.#unsaved.has(id));
    }
    const known = this.#recent.get(id) ?? (loaded === undefined ? undefined : fromSession(loaded));
    const atMs = this.#nowMs();
    const former = known !== undefined && atMs < known.lastUsedAtMs + this.#ttlMs ? known : undefined;
    const state = afterTurn(former, turn, atMs, this.#maxMessages);
    const entry = this.#journal.write(id, turn, atMs);
    this.#queue.push(entry);
    this.#unsavedTurns += 1;
    this.#unsaved.set(id, (this.#unsaved.get(id) ?? 0) + 1);
    this.#changed(id);
    if (known !== undefined || ask || turn.opensSession === true) this.#recent.set(id, state);
    this.#draining ??= this.#drain();
    // Whoever waits for it hears of a failure; nobody may be waiting.
    this.#draining.catch(() => undefined);
  }

  async keepSummary(session: Pick<Session, "id" | "createdAt">, summary: SessionSummary) {
    const { id, createdAt } = session;
    assertSessionId(id);
    if (this.#unsaved.has(id)) await this.#drained();
    const kept = await this.#behind.keepSummary(session, summary);
    this.#changed(id);
    const recent = this.#recent.get(id);
    if (kept && recent?.createdAtMs === Date.parse(createdAt)) {
      this.#recent.set(id, { ...recent, summary: keptSummary(summary) });
    }
    return kept;
  }

  async delete(id: string) {
    assertSessionId(id);
    if (this.#unsaved.has(id)) await this.#drained();
    this.#changed(id);
    this.#recent.delete(id);
    return await this.#behind.delete(id);
  }

  async sessionsOf(userId: string) {
    await this.#drained();
    return await this.#behind.sessionsOf(userId);
  }

  withTurn<T>(id: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#behind.withTurn(id, work, signal);
  }

  async [Symbol.asyncDispose]() {
    // What cannot be brought over now stays in the journal for the next start.
    await this.#drained().catch(() => undefined);
    this.#closing.abort();
    await this.#draining?.catch(() => undefined);
    this.#journal.close();
    await this.#behind[Symbol.asyncDispose]();
  }

  #changed(id: string): void {
    const reading = this.#readers.get(id);
    if (reading !== undefined) reading.changed = true;
  }

  /** @throws {StorageBusyError} the database did not take what is on its way in time */
  async #drained(): Promise<void> {
    if (this.#draining !== undefined) await within(this.#drainLimitMs, this.#draining, () => new StorageBusyError());
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await pause(this.#gatherMs, this.#closing.signal);
        const entries = this.#queue;
        this.#queue = [];
        const forget = this.#journal.seal();
        await this.#bringOver(entries);
        forget();
      }
    } finally {
      this.#draining = undefined;
    }
  }

  /** Tries until it has succeeded. @throws the last failure, when the store is closing */
  async #bringOver(entries: readonly JournalEntry[]): Promise<void> {
    let pauseMs = 50;
    await bringOver(this.#behind, entries, {
      onFailure: async (failure) => {
        this.#logger?.warn({ failure: String(failure) }, "session-turn-not-saved");
        if (!(await pause(pauseMs, this.#closing.signal))) throw failure;
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      },
      onDone: (done, refusal) => {
        if (refusal !== undefined) this.#logger?.warn({ failure: String(refusal) }, "session-turn-not-saved");
        pauseMs = 50;
        for (const { id } of done) this.#saved(id);
      },
    });
  }

  #saved(id: string): void {
    const left = (this.#unsaved.get(id) ?? 1) - 1;
    if (left === 0) this.#unsaved.delete(id);
    else this.#unsaved.set(id, left);
    this.#unsavedTurns -= 1;
  }
}
