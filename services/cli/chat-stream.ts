import { ReplyBrokenError } from "./errors.ts";
import { refusal, type ServerClient } from "./server-client.ts";

/** A document the reply could rest on. */
export interface ReplySource {
  readonly title: string;
  /** Where the document has it from; "" where the server does not say. */
  readonly source: string;
  readonly cited: boolean;
}

/** The facts of a finished reply that the command line shows; what the server leaves out is null. */
export interface ReplyFacts {
  readonly sector: string | null;
  /** 0–1 */
  readonly confidence: number | null;
  readonly adapter: { readonly name: string; readonly version: string } | null;
  readonly sessionId: string | null;
  readonly completionTokens: number | null;
  readonly tokensPerSecond: number | null;
  /** In the prompt's order: the first is `[1]`. */
  readonly sources: readonly ReplySource[];
}

export interface ChatRequest {
  readonly message: string;
  readonly session_id?: string;
  readonly sector?: string;
  readonly max_tokens?: number;
  readonly temperature?: number;
}

/** In order: any number of `text`, then exactly one `end`. */
export type ChatEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "end"; readonly facts: ReplyFacts };

/** `POST /api/v1/chat` as a stream. @throws as ServerClient.postStream; {ReplyBrokenError} when the stream stops before its `end` */
export async function* streamChat(
  server: ServerClient,
  request: ChatRequest,
  signal?: AbortSignal,
): AsyncIterable<ChatEvent> {
  let ended = false;
  for await (const { event, data } of server.postStream("api/v1/chat", { ...request, stream: true }, signal)) {
    if (event === "error") throw refusal(500, parse(data));
    if (event === "delta") {
      const { text } = parse(data);
      if (typeof text === "string") yield { type: "text", text };
    } else if (event === "end" && !ended) {
      ended = true;
      yield { type: "end", facts: factsOf(parse(data)) };
    }
  }
  if (!ended) throw brokenOff();
}

export function brokenOff(): ReplyBrokenError {
  return new ReplyBrokenError({ en: "The reply broke off before its end.", tr: "Yanıt sonuna gelmeden kesildi." });
}

/** As the server writes it; every field is looked at before it is believed. */
interface EndData {
  readonly sector?: unknown;
  readonly confidence?: unknown;
  readonly adapter?: { readonly name?: unknown; readonly version?: unknown } | null;
  readonly session_id?: unknown;
  readonly usage?: { readonly completion_tokens?: unknown } | null;
  readonly timings?: { readonly predicted_per_second?: unknown } | null;
  readonly sources?: unknown;
}

function factsOf({ sector, confidence, adapter, session_id, usage, timings, sources }: EndData): ReplyFacts {
  return {
    sector: textOf(sector),
    confidence: numberOf(confidence),
    adapter: typeof adapter?.name === "string" ? { name: adapter.name, version: String(adapter.version ?? "?") } : null,
    sessionId: textOf(session_id),
    completionTokens: numberOf(usage?.completion_tokens),
    tokensPerSecond: numberOf(timings?.predicted_per_second),
    sources: Array.isArray(sources) ? sources.map(sourceOf) : [],
  };
}

function sourceOf(value: unknown): ReplySource {
  const { title, source, cited } = (value ?? {}) as Record<string, unknown>;
  return { title: textOf(title) ?? "?", source: textOf(source) ?? "", cited: cited === true };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** @throws {ReplyBrokenError} not a JSON object */
export function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, in the same words.
  }
  throw new ReplyBrokenError({
    en: "An event of the reply is not a JSON object.",
    tr: "Yanıtın bir parçası okunamadı (JSON değil).",
  });
}
