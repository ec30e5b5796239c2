import { PlatformError } from "../foundation/index.ts";
import { streamChat } from "./chat-stream.ts";
import { ServerUnreachableError } from "./errors.ts";
import type { ServerClient } from "./server-client.ts";

export interface BenchmarkTask {
  readonly message: string;
  /** Undefined: the router decides. */
  readonly sector?: string;
  readonly maxTokens: number;
}

/** What one request came to; times in ms from its sending. */
export type BenchmarkResult =
  | {
      readonly ok: true;
      /** The one that answered. */
      readonly sector: string | null;
      /** Undefined when the reply held no text. */
      readonly firstTextMs: number | undefined;
      readonly totalMs: number;
      readonly tokens: number;
    }
  | { readonly ok: false; readonly sector: string | null; readonly code: string };

export interface BenchmarkRun {
  readonly results: readonly BenchmarkResult[];
  readonly wallMs: number;
  /** Why the first request found nobody, if one did. */
  readonly firstUnreachable: string | undefined;
}

/** Sends the tasks in order, `concurrent` at a time; ends early, with what it has, when `signal` fires. */
export async function runBenchmark(
  server: ServerClient,
  tasks: readonly BenchmarkTask[],
  concurrent: number,
  signal: AbortSignal,
  onResult: (done: number) => void,
): Promise<BenchmarkRun> {
  const results: BenchmarkResult[] = [];
  let firstUnreachable: string | undefined;
  const waiting = tasks[Symbol.iterator]();
  const begin = performance.now();
  const work = async () => {
    // One iterator shared by all workers: each task is taken once.
    for (let next = waiting.next(); next.done !== true && !signal.aborted; next = waiting.next()) {
      try {
        results.push(await measure(server, next.value, signal));
      } catch (fault) {
        if (signal.aborted) return;
        if (fault instanceof ServerUnreachableError) firstUnreachable ??= fault.message;
        results.push({
          ok: false,
          sector: next.value.sector ?? null,
          code: fault instanceof PlatformError ? fault.code : "unexpected",
        });
      }
      onResult(results.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrent, tasks.length) }, work));
  return { results, wallMs: performance.now() - begin, firstUnreachable };
}

async function measure(server: ServerClient, task: BenchmarkTask, signal: AbortSignal): Promise<BenchmarkResult> {
  const begin = performance.now();
  let firstTextMs: number | undefined;
  const request = {
    message: task.message,
    max_tokens: task.maxTokens,
    ...(task.sector === undefined ? {} : { sector: task.sector }),
  };
  let result: BenchmarkResult | undefined;
  for await (const event of streamChat(server, request, signal)) {
    if (event.type === "text") firstTextMs ??= performance.now() - begin;
    else {
      const { sector, completionTokens } = event.facts;
      result = { ok: true, sector, firstTextMs, totalMs: performance.now() - begin, tokens: completionTokens ?? 0 };
    }
  }
  // streamChat ends only after its `end`.
  return result ?? { ok: false, sector: task.sector ?? null, code: "reply_broken" };
}
