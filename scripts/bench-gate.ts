/**
 * Compares two folders of bench tables (docs/bench as it is in the tree, and measured anew on another machine). Only ratios count, to a peer that was
 * measured in the same run on the same machine: times of two machines say nothing about each other.
 *
 *   node --import tsx scripts/bench-gate.ts BEFORE AFTER [engine concurrency …]
 *
 * Ends with status 1 where a ratio got worse than its tolerance allows, or can no longer be found.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareBenches, gatedRatios, toReport } from "./lib/bench-gate.ts";

const [before, after, ...names] = process.argv.slice(2);
if (before === undefined || after === undefined) {
  console.error("BEFORE and AFTER are folders of bench tables.");
  process.exitCode = 2;
} else {
  const read = (folder: string) => (bench: string) => {
    const path = join(folder, `${bench}.md`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  const strangers = names.filter((name) => !gatedRatios.some(({ bench }) => bench === name));
  const ratios = gatedRatios.filter(({ bench }) => names.length === 0 || names.includes(bench));
  const comparisons = compareBenches(ratios, read(before), read(after));
  console.log(toReport(comparisons));
  for (const name of strangers) console.error(`No ratio of ${name} is gated.`);
  process.exitCode = strangers.length === 0 && comparisons.every(({ verdict }) => verdict === "kept") ? 0 : 1;
}
