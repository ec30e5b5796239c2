import { createParser } from "eventsource-parser";

/** One streamed chat completion as its client lived it. Times in ms. */
export interface Answer {
  readonly text: string;
  /** Until the first piece of text. */
  readonly firstMs: number;
  readonly totalMs: number;
  readonly promptTokens: number;
  readonly tokens: number;
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string };
}

/** OpenAI's streaming chat, the same for every server. @throws Error the server refused, or broke off */
export async function ask(url: string, body: object): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal: AbortSignal.timeout(600_000),
  });
  if (!response.ok || response.body === null)
    throw new Error(`${response.status}: ${(await response.text()).slice(0, 300)}`);
  let text = "";
  let firstMs: number | undefined;
  let usage: Chunk["usage"];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === "[DONE]") return;
      const chunk = JSON.parse(data) as Chunk;
      if (chunk.error !== undefined) throw new Error(chunk.error.message);
      const content = chunk.choices?.[0]?.delta?.content ?? "";
      if (content !== "") firstMs ??= performance.now() - startedAt;
      text += content;
      usage = chunk.usage ?? usage;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
  const totalMs = performance.now() - startedAt;
  if (usage == null) throw new Error("The stream ended without a usage chunk.");
  return {
    text,
    firstMs: firstMs ?? totalMs,
    totalMs,
    promptTokens: usage.prompt_tokens,
    tokens: usage.completion_tokens,
  };
}
