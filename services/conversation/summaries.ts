import { type Logger, PlatformError, withTimeout } from "../foundation/index.ts";
import type { Engine } from "../inference/index.ts";
import type { SessionStore } from "../sessions/index.ts";
import { askEngine } from "./ask-engine.ts";
import { type HistoryLimits, recentHistory } from "./recent-history.ts";
import { summaryPrompt } from "./session-summary.ts";

export interface SummaryParts {
  readonly engine: Engine;
  readonly sessions: Pick<SessionStore, "load" | "keepSummary">;
  /** What goes into prompts; what falls out of it is summarised. */
  readonly history: HistoryLimits;
  readonly logger?: Logger;
  /** Longest time for one summary; 30 000 ms unless told. */
  readonly limitMs?: number;
}

/** Summaries of what conversations' prompts no longer hold. Disposing breaks off the one being made. */
export interface Summaries extends AsyncDisposable {
  /** Sees to a session's summary, some time later. Returns at once and never fails. */
  afterTurn(sessionId: string): void;
}

/** So many messages have to have fallen out since the last summary: one after every turn would cost as much as the replies. */
const fewestMessages = 4;
const maxTokens = 160;
/** Sessions that may wait; beyond it their next turn brings them back. */
const mostWaiting = 100;

/** Made by the base model behind the replies, one at a time, so that turns keep the engine for themselves. */
export function createSummaries(parts: SummaryParts): Summaries {
  const waiting = new Set<string>();
  const closing = new AbortController();
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    // A set lists what is added while it is listed.
    for (const id of waiting) {
      waiting.delete(id);
      await summarise(parts, id, withTimeout(parts.limitMs ?? 30_000, closing.signal)).catch((failure: unknown) => {
        const code = failure instanceof PlatformError ? failure.code : String((failure as Error).name);
        if (!closing.signal.aborted) parts.logger?.warn({ code }, "session-summary-failed");
      });
    }
    working = undefined;
  };

  return {
    afterTurn: (sessionId) => {
      if (closing.signal.aborted || waiting.size >= mostWaiting) return;
      waiting.add(sessionId);
      working ??= work();
    },
    async [Symbol.asyncDispose]() {
      waiting.clear();
      closing.abort();
      await working;
    },
  };
}

async function summarise({ engine, sessions, history }: SummaryParts, id: string, signal: AbortSignal): Promise<void> {
  const session = await sessions.load(id);
  if (session === undefined) return;
  const { messages, summary } = session;
  const fallen = messages.slice(0, messages.length - recentHistory(messages, history).length);
  const fresh = fallen.slice(fallen.findIndex((message) => message.id === summary?.until) + 1);
  const last = fresh.at(-1);
  if (last === undefined || fresh.length < fewestMessages) return;
  const { response } = await askEngine(
    engine,
    { prompt: { messages: summaryPrompt(summary, fresh) }, maxTokens, sampling: { temperature: 0 } },
    signal,
    () => {},
  );
  const text = response.trim();
  if (text !== "") await sessions.keepSummary(session, { text, until: last.id });
}
