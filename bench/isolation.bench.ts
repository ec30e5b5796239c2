import type { LlamaEngine } from "../services/inference/llama/llama-engine.ts";
import { adapterIds, openEmbeddedEngine, wholeReply } from "./support/embedded-engine.ts";
import type { BenchOptions } from "./support/options.ts";
import { median } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

/** Adapter id, or undefined for the base alone. */
type Voice = string | undefined;

const tokens = 24;
const messages = [
  { role: "system" as const, content: "Sen bir işletmenin müşterilerine yardımcı olan bir Türkçe asistansın." },
  { role: "user" as const, content: "Merhaba, başvurum için hangi belgeler gerekiyor ve ne kadar sürer?" },
];

interface Reply {
  readonly text: string;
  readonly cached: number;
  readonly prompt: number;
}

/**
 * Does KV computed under one adapter ever colour another's reply? For every ordered pair (A, B): the prompt under A, then the same prompt
 * under B, greedy; B must say to the byte what it says in an engine that nobody used before.
 */
export async function isolationBench({ models, quick, threads }: BenchOptions): Promise<BenchTable> {
  const all: readonly Voice[] = [undefined, ...adapterIds(models)];
  const voices = quick ? all.slice(0, 4) : all;
  const { cold, again } = await coldReplies(models, threads, voices);
  const engine = await openEmbeddedEngine(models, threads);
  const mismatches: string[] = [];
  const firstCached: number[] = [];
  const laterCached: number[] = [];
  const seen = new Set<Voice>();
  let pairs = 0;
  let promptTokens = 0;
  for (const a of voices) {
    for (const b of voices) {
      if (a === b) continue;
      note(seen, a, await say(engine, a), firstCached, laterCached);
      const reply = await say(engine, b);
      note(seen, b, reply, firstCached, laterCached);
      promptTokens = reply.prompt;
      pairs++;
      if (reply.text !== cold.get(b))
        mismatches.push(
          `${nameOf(a)} → ${nameOf(b)} (${reply.cached} cached): "${reply.text}" instead of "${cold.get(b)}"`,
        );
    }
  }
  await engine[Symbol.asyncDispose]();
  for (const mismatch of mismatches.slice(0, 20)) console.error(mismatch);
  const selfDifferent = voices.filter((voice) => again.get(voice) !== cold.get(voice)).map(nameOf);
  const apart = voices.flatMap((a) => voices.filter((b) => a !== b && cold.get(a) !== cold.get(b))).length;
  return {
    title: "Isolation: one adapter's KV never reaches another's reply",
    columns: ["what", "found", "goal"],
    rows: [
      ["ordered pairs (A, B), base and adapters", pairs, quick ? "–" : "506"],
      ["pairs where B differs from its cold run", mismatches.length, "0"],
      ["pairs whose cold replies differ from each other", apart, "most: the adapters act"],
      ["different replies among the voices", new Set(cold.values()).size, `of ${voices.length}`],
      [
        "most cached tokens in a voice's first reply",
        Math.max(...firstCached),
        "0: nothing is taken from another voice",
      ],
      [
        "median cached tokens in its later replies",
        median(laterCached),
        `${promptTokens - 1} of ${promptTokens}: reuse happens`,
      ],
      [
        "voices whose reply changes when they reuse their own KV (control, nobody else active)",
        selfDifferent.length,
        "0",
      ],
    ],
    notes: [
      `Greedy, ${tokens} tokens, ${threads} thread(s), settings' defaults, compared byte for byte. Cold: \`reusePrefix: false\` in an engine of its own.`,
      ...mismatches.slice(0, 5).map((mismatch) => `Mismatch: ${mismatch}`),
      ...(selfDifferent.length === 0
        ? []
        : [`Control failed for ${selfDifferent.join(", ")}: rounding by batch shape, not a leak.`]),
    ],
  };
}

/** Each voice once on memory nobody used, and once more with its own KV: the control that tells rounding from a leak. */
async function coldReplies(models: string, threads: number, voices: readonly Voice[]) {
  const engine = await openEmbeddedEngine(models, threads);
  const cold = new Map<Voice, string>();
  const again = new Map<Voice, string>();
  for (const voice of voices) {
    cold.set(voice, (await say(engine, voice, false)).text);
    again.set(voice, (await say(engine, voice)).text);
  }
  await engine[Symbol.asyncDispose]();
  return { cold, again };
}

async function say(engine: LlamaEngine, voice: Voice, reusePrefix = true): Promise<Reply> {
  const adapter = voice === undefined ? {} : { adapterId: voice };
  const { text, usage } = await wholeReply(engine, {
    ...adapter,
    prompt: { messages },
    maxTokens: tokens,
    reusePrefix,
  });
  return { text, cached: usage.cachedTokens, prompt: usage.promptTokens };
}

function note(seen: Set<Voice>, voice: Voice, { cached }: Reply, first: number[], later: number[]): void {
  (seen.has(voice) ? later : first).push(cached);
  seen.add(voice);
}

function nameOf(voice: Voice): string {
  return voice ?? "base";
}
