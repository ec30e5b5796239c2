import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { loadRouter } from "../services/routing/index.ts";
import { type BenchTable, toMarkdown } from "./table.ts";

const shortRounds = 20_000;
const longRounds = 2_000;
const tokensPerLongText = 500;
/** The embedded tokenizer makes about this many tokens of a Turkish word. */
const tokensPerWord = 1.6;

/** How many messages one core routes: messages people might send in turn, and texts of 500 tokens made by joining them. */
export async function routerBench(): Promise<BenchTable> {
  const router = loadRouter("models/router");
  const messages = ["sectors", "out_of_scope"].flatMap((name) =>
    readFileSync(`datasets/routing/train/former_test_${name}.jsonl`, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => (JSON.parse(line) as { text: string }).text),
  );
  const words = messages.join(" ").split(/\s+/u);
  const perText = Math.ceil(tokensPerLongText / tokensPerWord);
  const longTexts = Array.from({ length: 10 }, (_, at) => words.slice(at * perText, (at + 1) * perText).join(" "));
  const letters = (texts: readonly string[]) =>
    Math.round(texts.reduce((sum, text) => sum + text.length, 0) / texts.length);

  const measure = (texts: readonly string[], rounds: number): number[] => {
    for (let at = 0; at < rounds / 5; at++) router.classify(texts[at % texts.length] as string);
    return Array.from({ length: rounds }, (_, at) => {
      const from = performance.now();
      router.classify(texts[at % texts.length] as string);
      return performance.now() - from;
    });
  };
  const row = (name: string, texts: readonly string[], rounds: number): (string | number)[] => {
    const ms = measure(texts, rounds);
    const perSecond = Math.round((1000 * rounds) / ms.reduce((sum, one) => sum + one, 0));
    const sorted = ms.sort((a, b) => a - b);
    const quantile = (q: number) => Number((sorted[Math.floor(q * (sorted.length - 1))] as number).toFixed(3));
    return [name, letters(texts), perSecond, quantile(0.5), quantile(0.95)];
  };
  return {
    title: "Router: one core, one thread",
    columns: ["text", "letters", "messages/s", "p50 ms", "p95 ms"],
    rows: [row("short message", messages, shortRounds), row("500 tokens", longTexts, longRounds)],
    notes: [
      `${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}; normalising, n-grams, stem vectors, probabilities and the sorted list included.`,
    ],
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(toMarkdown(await routerBench()));
