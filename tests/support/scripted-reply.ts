/** What a scripted engine makes of texts, having no model: a word is a token, a hash is a meaning. */
import type { GenerateRequest, TokenLogprob } from "../../services/inference/index.ts";

const dimensions = 16;

/** A reply for whoever gave no script: shows which adapter answered what. */
export function echo(request: GenerateRequest): readonly string[] {
  const last = "text" in request.prompt ? request.prompt.text : (request.prompt.messages.at(-1)?.content ?? "");
  return [`adaptör ${request.adapterId ?? "yok"}: `, ...wordsOf(last).slice(0, 64)];
}

export function promptText({ prompt }: GenerateRequest): string {
  return "text" in prompt ? prompt.text : prompt.messages.map((message) => message.content).join(" ");
}

/** Words with the space in front of them, so that joined they are the text again. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** Where the first stop string begins; infinite where there is none. */
export function endOf(text: string, stop: readonly string[]): number {
  return Math.min(...stop.map((end) => text.indexOf(end)).filter((at) => at >= 0), Number.POSITIVE_INFINITY);
}

export function logprobsOf(request: GenerateRequest, text: string): { logprobs?: readonly TokenLogprob[] } {
  if (request.topLogprobs === undefined) return {};
  const entry = { token: text, bytes: [...Buffer.from(text)], logprob: 0 };
  return { logprobs: [{ ...entry, top: request.topLogprobs === 0 ? [] : [entry] }] };
}

export function timingsOf(promptTokens: number, produced: number, promptMs: number, predictedMs: number) {
  return {
    cache_n: 0,
    prompt_n: promptTokens,
    prompt_ms: promptMs,
    prompt_per_token_ms: promptMs / Math.max(1, promptTokens),
    prompt_per_second: (promptTokens * 1000) / Math.max(promptMs, 1e-3),
    predicted_n: produced,
    predicted_ms: predictedMs,
    predicted_per_token_ms: predictedMs / Math.max(1, produced - 1),
    predicted_per_second: (Math.max(0, produced - 1) * 1000) / Math.max(predictedMs, 1e-3),
    queue_ms: 0,
  };
}

/** The same text gives the same direction; length 1. */
export function vectorOf(text: string): readonly number[] {
  const values = Array.from({ length: dimensions }, (_, at) => (hash(`${at}${text}`) % 2001) / 1000 - 1.0005);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** FNV-1a, 32 bit. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}
