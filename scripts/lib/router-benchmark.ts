import { readFileSync } from "node:fs";
import type { Router } from "../../services/routing/index.ts";

export interface BenchmarkFigures {
  readonly messages: number;
  /** The best sector is one of those the benchmark accepts. */
  readonly top1: number;
  readonly top3: number;
  readonly abstained: number;
}

/** Measures a router on `{"text","accept":[sector]|null,"generic"}` lines; generic ones and those without an answer are left out. */
export function measureBenchmark(router: Router, file: string): BenchmarkFigures {
  const count = { messages: 0, top1: 0, top3: 0, abstained: 0 };
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const { text, accept, generic } = JSON.parse(line) as { text: string; accept: string[] | null; generic: boolean };
    if (accept === null || accept.length === 0 || generic) continue;
    const decision = router.classify(text);
    const ranking = decision.scores.slice(0, 3).map((score) => accept.includes(score.sector));
    count.messages++;
    count.top1 += ranking[0] === true ? 1 : 0;
    count.top3 += ranking.includes(true) ? 1 : 0;
    count.abstained += decision.abstained ? 1 : 0;
  }
  const part = (hits: number) => hits / Math.max(1, count.messages);
  return { messages: count.messages, top1: part(count.top1), top3: part(count.top3), abstained: part(count.abstained) };
}
