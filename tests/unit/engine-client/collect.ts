import type { Engine, GenerateEvent, GenerateRequest } from "../../../services/inference/index.ts";

export const merhaba: GenerateRequest = { prompt: { messages: [{ role: "user", content: "Merhaba" }] }, maxTokens: 8 };

/** Everything a reply streams, and what it threw, if anything. */
export async function collect(
  engine: Engine,
  request: GenerateRequest = merhaba,
  signal?: AbortSignal,
): Promise<readonly GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request, signal)) events.push(event);
  return events;
}

export function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
}
