import { createParser } from "eventsource-parser";
import { pause } from "../../../services/foundation/index.ts";

export interface ChatAnswer {
  readonly text: string;
  readonly sources: readonly { readonly document: string }[];
  /** From sending the request to the first word, ms. */
  readonly firstMs: number;
  readonly tokens: number;
}

export interface ChatQuestion {
  readonly message: string;
  readonly sector: string;
  /** Undefined: the field is not sent. */
  readonly useKnowledge: boolean | undefined;
}

export interface ChatClient {
  /** Greedy. @throws Error the server refused, broke off, or was silent for too long */
  ask(question: ChatQuestion, signal: AbortSignal): Promise<ChatAnswer>;
  /** Whether the server's openapi.json lists the field for `POST /api/v1/chat`. */
  readonly takesKnowledge: boolean;
}

const requestLimitMs = 180_000;
const attempts = 5;
const longestPauseS = 60;

/** @param key sent as a bearer token when the server asks for one */
export async function openChatClient(url: string, key: string | undefined, signal: AbortSignal): Promise<ChatClient> {
  const base = url.replace(/\/+$/, "");
  const takesKnowledge = await listsField(base, signal);
  return {
    takesKnowledge,
    ask: async ({ message, sector, useKnowledge }, stop) => {
      const body = {
        message,
        sector,
        temperature: 0,
        stream: true,
        ...(useKnowledge === undefined ? {} : { use_knowledge: useKnowledge }),
      };
      for (let attempt = 1; ; attempt++) {
        const limit = AbortSignal.any([stop, AbortSignal.timeout(requestLimitMs)]);
        const startedAt = performance.now();
        const response = await fetch(`${base}/api/v1/chat`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          },
          body: JSON.stringify(body),
          signal: limit,
        });
        if (response.ok && response.body !== null) return await readReply(response.body, startedAt);
        const refusal = (await response.text()).slice(0, 300);
        // A server with a rate limit says when to come back.
        if (response.status !== 429 || attempt === attempts) throw new Error(`chat: ${response.status}: ${refusal}`);
        const afterS = Number(response.headers.get("retry-after") ?? 1);
        await pause(1000 * Math.min(longestPauseS, Math.max(1, Number.isFinite(afterS) ? afterS : 1)), stop);
      }
    },
  };
}

async function listsField(base: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  const response = await fetch(`${base}/openapi.json`, { signal: limit });
  if (!response.ok) throw new Error(`${base}/openapi.json: ${response.status}`);
  const { paths } = (await response.json()) as { paths?: Record<string, { post?: unknown }> };
  return JSON.stringify(paths?.["/api/v1/chat"]?.post ?? {}).includes('"use_knowledge"');
}

interface EndEvent {
  readonly response: string;
  readonly sources?: readonly { readonly document?: unknown }[];
  readonly usage?: { readonly completion_tokens?: number };
}

async function readReply(body: ReadableStream<Uint8Array>, startedAt: number): Promise<ChatAnswer> {
  let firstMs: number | undefined;
  let end: EndEvent | undefined;
  let fault: string | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "delta") firstMs ??= performance.now() - startedAt;
      else if (event === "end") end = JSON.parse(data) as EndEvent;
      else if (event === "error") fault = data.slice(0, 300);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) parser.feed(decoder.decode(bytes, { stream: true }));
  if (end === undefined) throw new Error(`chat: the stream broke off${fault === undefined ? "" : `: ${fault}`}`);
  return {
    text: end.response,
    sources: (end.sources ?? []).map((source) => ({ document: String(source.document ?? "") })),
    firstMs: firstMs ?? performance.now() - startedAt,
    tokens: end.usage?.completion_tokens ?? 0,
  };
}
