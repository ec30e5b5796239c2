import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, ask } from "./support/ask.ts";
import { type BenchModel, benchModel } from "./support/bench-model.ts";
import { madeUpText } from "./support/bench-prompts.ts";
import { startInfer } from "./support/infer.ts";
import { llamaServerBinary, type Server, startLlamaServer } from "./support/llama-server.ts";
import type { BenchOptions } from "./support/options.ts";
import { median, percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const users = 22;
const requestsPerUser = 2;
const contextTokens = 256;
const replyTokens = 32;
/** Of made-up words; with the chat template about 64 tokens. */
const promptWords = 19;

interface System {
  readonly name: "sektor infer" | "llama-server";
  start(): Promise<Server>;
  /** What of a request's body names the adapter. */
  readonly adapter: (at: number) => object;
}

interface Round {
  readonly firstP50: number;
  readonly firstP95: number;
  readonly tokensPerSecond: number;
  readonly seconds: number;
  readonly answers: readonly Answer[];
}

/** As many users as adapters, each with their own, all at once: what does the one who waits longest wait, and what does the machine do? */
export async function concurrencyBench({ quick, threads, cache }: BenchOptions): Promise<BenchTable> {
  const model = benchModel(cache, users, quick);
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const systems = [ours(model, folder, threads), theirs(model, await llamaServerBinary(), threads)];
  const rounds = new Map<string, Round[]>(systems.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const system of systems) {
        const measured = await measureRound(system, round);
        rounds.get(system.name)?.push(measured);
        console.error(`round ${round + 1} ${system.name}: ${JSON.stringify({ ...measured, answers: undefined })}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return table(rounds, model, threads, quick);
}

function ours(model: BenchModel, dataFolder: string, threads: number): System {
  return {
    name: "sektor infer",
    start: () =>
      startInfer({
        model: model.model,
        adapters: model.adapterFolder,
        manifest: join(dataFolder, "none.json"),
        dataFolder,
        threads,
        sequencesPerAdapter: 1,
        contextSize: contextTokens,
        warm: model.ids,
      }),
    adapter: (at) => ({ model: model.ids[at] }),
  };
}

function theirs(model: BenchModel, binary: string, threads: number): System {
  return {
    name: "llama-server",
    start: () =>
      startLlamaServer({
        binary,
        threads,
        model: model.model,
        adapters: model.ids.map((id) => join(model.adapterFolder, `${id}.gguf`)),
        slots: users,
        tokensPerSlot: contextTokens,
      }),
    adapter: (at) => ({ lora: [{ id: at, scale: 1 }] }),
  };
}

async function measureRound(system: System, round: number): Promise<Round> {
  await using server = await system.start();
  const say = (user: number, seed: number, maxTokens: number): Promise<Answer> =>
    ask(server.url, {
      ...system.adapter(user),
      messages: [{ role: "user", content: madeUpText(promptWords, seed) }],
      max_tokens: maxTokens,
      temperature: 0,
      cache_prompt: false,
    });
  // Weights are read from disk and kernels chosen before anybody is timed.
  for (let user = 0; user < users; user++) await say(user, 9000 + user, 2);
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: users }, async (_, user) => {
      const mine: Answer[] = [];
      for (let turn = 0; turn < requestsPerUser; turn++)
        mine.push(await say(user, round * 1000 + user * 10 + turn, replyTokens));
      return mine;
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const all = answers.flat();
  return {
    firstP50:
      percentile(
        all.map((answer) => answer.firstMs),
        0.5,
      ) / 1000,
    firstP95:
      percentile(
        all.map((answer) => answer.firstMs),
        0.95,
      ) / 1000,
    tokensPerSecond: all.reduce((sum, answer) => sum + answer.tokens, 0) / seconds,
    seconds,
    answers: all,
  };
}

function table(
  rounds: ReadonlyMap<string, readonly Round[]>,
  model: BenchModel,
  threads: number,
  quick: boolean,
): BenchTable {
  const middle = (name: string, of: (round: Round) => number): number => median((rounds.get(name) ?? []).map(of));
  const row = (title: string, of: (round: Round) => number, goal: string): (string | number)[] => {
    const [we, they] = [middle("sektor infer", of), middle("llama-server", of)];
    return [title, rounded(we, 2), rounded(they, 2), rounded(we / they, 3), goal];
  };
  const answers = [...rounds.values()].flat().flatMap((round) => round.answers);
  const prompts = answers.map((answer) => answer.promptTokens);
  const each = [...rounds].map(
    ([name, list]) =>
      `${name}: ${list.map((round) => `TTFT p95 ${rounded(round.firstP95, 2)} s, ${rounded(round.tokensPerSecond)} tokens/s`).join("; ")}`,
  );
  return {
    title: `Concurrency: ${users} users on ${users} adapters against llama-server`,
    columns: ["median over rounds", "sektor infer", "llama-server", "ratio", "goal"],
    rows: [
      row("TTFT p50, s", (round) => round.firstP50, "–"),
      row("TTFT p95, s", (round) => round.firstP95, "≤ 0.25"),
      row("tokens/s, replies of all users", (round) => round.tokensPerSecond, "≥ 1.0"),
      row("whole round, s", (round) => round.seconds, "–"),
      row(
        "tokens produced",
        (round) => round.answers.reduce((sum, answer) => sum + answer.tokens, 0),
        `${users * requestsPerUser * replyTokens} asked for`,
      ),
      row("different replies", (round) => new Set(round.answers.map((answer) => answer.text)).size, "–"),
    ],
    notes: [
      `Model: ${model.description}. The same files, ${threads} thread(s) each, ${contextTokens} tokens a conversation, greedy, no prompt cache.`,
      `Each user asks ${requestsPerUser} times, one after the other, another text each time (${Math.min(...prompts)}–${Math.max(...prompts)} prompt tokens, ${replyTokens} reply tokens); all begin at once. Every adapter was used once before.`,
      `Systems take turns: ${quick ? 1 : 3} round(s) each, each round on a server just started. ${each.join(". ")}.`,
      `llama-server: -np ${users} -c ${users * contextTokens} -t ${threads} --lora-init-without-apply, per request lora:[{id,scale:1}]; built from the llama.cpp source in the node-llama-cpp package with GGML_NATIVE, so with the instructions of this very machine; ours are the package's own binaries.`,
    ],
  };
}
