import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, ask } from "./support/ask.ts";
import { adapterIds, embeddedModel, openEmbeddedEngine, wholeReply } from "./support/embedded-engine.ts";
import { startInfer } from "./support/infer.ts";
import { llamaServerBinary, startLlamaServer } from "./support/llama-server.ts";
import { testMessages } from "./support/messages.ts";
import type { BenchOptions } from "./support/options.ts";
import { median, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

/** Answers one prompt under the adapter; `maxTokens` 1 measures prefill. */
type Speaker = (prompt: string, maxTokens: number) => Promise<Answer>;

const contextTokens = 1024;
const places = 8;
const crowds = [1, 4, 8];
const replyTokens = 64;

/** The embedded model: how many prompt tokens and reply tokens a second, for how many at once, with how many threads? */
export async function engineBench({ models, quick }: BenchOptions): Promise<BenchTable> {
  const adapter = adapterIds(models)[0] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const rows: (string | number)[][] = [];
  const measure = async (name: string, threads: number, speak: Speaker): Promise<void> => {
    const row = await measureSpeaker(speak, quick);
    console.error(name, threads, row.join(" "));
    rows.push([name, threads, ...row]);
  };
  try {
    const binary = await llamaServerBinary();
    for (const threads of quick ? [1] : [1, 2]) {
      await inProcess(models, adapter, threads, (speak) => measure("engine alone (no HTTP)", threads, speak));
      {
        await using infer = await startInfer({
          ...embeddedModel(models),
          dataFolder: folder,
          threads,
          sequencesPerAdapter: places,
          contextSize: contextTokens,
          warm: [adapter],
        });
        await measure("infer over HTTP", threads, overHttp(infer.url, { model: adapter }));
      }
      await using server = await startLlamaServer({
        binary,
        threads,
        model: embeddedModel(models).model,
        adapters: [fileOf(models, adapter)],
        slots: places,
        tokensPerSlot: contextTokens,
      });
      await measure("llama-server over HTTP", threads, overHttp(server.url, { lora: [{ id: 0, scale: 1 }] }));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    title: "Engine: the embedded model on one adapter, against llama-server",
    columns: [
      "system",
      "threads",
      "prompt tokens/s",
      ...crowds.map((crowd) => `reply tokens/s, ${crowd} at once`),
      "first token ms, 1 alone",
    ],
    rows,
    notes: [
      `Adapter ${adapter}; the same files, questions and client; greedy, up to ${replyTokens} tokens a reply (they may end earlier; tokens are those really produced), no prompt reuse, ${contextTokens} tokens a conversation, ${places} places (the engine alone: the default of 4, so 8 at once wait).`,
      "Prompt tokens/s: one prompt of several hundred tokens, time to the first token. Reply tokens/s: all replies' tokens over the time from the first question to the last answer, prompts included.",
      "llama-server: its own build with GGML_NATIVE from the same llama.cpp source; ours are the package's own binaries.",
    ],
  };
}

async function measureSpeaker(speak: Speaker, quick: boolean): Promise<number[]> {
  const messages = testMessages();
  const long = messages.slice(0, 60).join(" ").slice(0, 1600);
  await speak(long, 2);
  const prefills: number[] = [];
  const firsts: number[] = [];
  for (let at = 0; at < (quick ? 2 : 8); at++) {
    const answer = await speak(`${at} ${long}`, 2);
    prefills.push((answer.promptTokens * 1000) / answer.firstMs);
    firsts.push((await speak(messages[at] ?? "", 2)).firstMs);
  }
  const rates: number[] = [];
  for (const crowd of crowds) rates.push(await decodeRate(speak, crowd, messages, quick ? 1 : 4));
  return [Math.round(median(prefills)), ...rates.map(Math.round), rounded(median(firsts))];
}

/** `crowd` askers, each `turns` questions one after the other. */
async function decodeRate(speak: Speaker, crowd: number, messages: readonly string[], turns: number): Promise<number> {
  const startedAt = performance.now();
  const tokens = await Promise.all(
    Array.from({ length: crowd }, async (_, asker) => {
      let sum = 0;
      for (let turn = 0; turn < turns; turn++)
        sum += (await speak(messages[(asker * turns + turn) % messages.length] ?? "", replyTokens)).tokens;
      return sum;
    }),
  );
  return (tokens.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - startedAt);
}

function overHttp(url: string, adapter: object): Speaker {
  return (content, maxTokens) =>
    ask(url, {
      ...adapter,
      messages: [{ role: "user", content }],
      max_tokens: maxTokens,
      temperature: 0,
      cache_prompt: false,
    });
}

async function inProcess(
  models: string,
  adapterId: string,
  threads: number,
  use: (speak: Speaker) => Promise<void>,
): Promise<void> {
  const engine = await openEmbeddedEngine(models, threads);
  await use(async (content, maxTokens) => {
    const startedAt = performance.now();
    const prompt = { messages: [{ role: "user" as const, content }] };
    const { text, usage, timings } = await wholeReply(engine, { adapterId, prompt, maxTokens, reusePrefix: false });
    const firstMs = timings.queue_ms + timings.prompt_ms;
    return {
      text,
      firstMs,
      totalMs: performance.now() - startedAt,
      promptTokens: usage.promptTokens,
      tokens: usage.completionTokens,
    };
  });
  await engine[Symbol.asyncDispose]();
}

function fileOf(models: string, adapterId: string): string {
  const file = readdirSync(join(models, "adapters")).find((name) => name === `${adapterId}.gguf`);
  if (file === undefined) throw new Error(`There is no file for ${adapterId}.`);
  return join(models, "adapters", file);
}
