import type { LineAnswer, PrepareLine } from "../../../services/batch/index.ts";
import type { JobContext } from "../../../services/jobs/index.ts";

export const nobody = { keyId: null, userId: null, sectors: null };
export const newBatch = { endpoint: "/v1/chat/completions", completionWindow: "24h", metadata: null };

/** A file that asks each of `asked`; its custom ids are `r1`, `r2`… */
export function requestFile(asked: readonly string[]): string {
  return asked
    .map((content, at) =>
      JSON.stringify({
        custom_id: `r${at + 1}`,
        method: "POST",
        url: newBatch.endpoint,
        body: { messages: [{ role: "user", content }] },
      }),
    )
    .join("\n");
}

export async function* pieceOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

export function textOf(body: object): string {
  return (body as { messages: readonly { content: string }[] }).messages[0]?.content ?? "";
}

/** Answers a line with its own text; the adapter is its first word. */
export function prepareWith(answer: (text: string, signal: AbortSignal) => Promise<LineAnswer>): PrepareLine {
  return async ({ body }) => {
    const text = textOf(body);
    return { adapterId: text.split(" ")[0] ?? "", answer: (signal) => answer(text, signal) };
  };
}

export function contextWith(signal: AbortSignal, onProgress: JobContext["progress"] = () => {}): JobContext {
  return {
    id: "batch.test",
    attempt: 1,
    createdAt: "2026-01-01T00:00:00.000Z",
    signal,
    progress: onProgress,
    emit: async () => {},
  };
}

/** A file of answers, by custom id. */
export function answersIn(
  content: string,
): Readonly<
  Record<string, { response: { status_code: number; body: object } | null; error: { code: string } | null }>
> {
  const lines = content.split("\n").filter((line) => line !== "");
  const parsed = lines.map((line) => JSON.parse(line) as { custom_id: string });
  const byId = Object.fromEntries(parsed.map((answer) => [answer.custom_id, answer]));
  if (Object.keys(byId).length !== lines.length) throw new Error("a line was answered twice");
  return byId as never;
}
