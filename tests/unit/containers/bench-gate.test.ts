import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toMarkdown } from "../../../bench/table.ts";
import { cellIn, compareBenches, type GatedRatio, gatedRatios, toReport } from "../../../scripts/lib/bench-gate.ts";
import { root } from "./compose-file.ts";

const table = (ours: number, peers: number): string =>
  toMarkdown({
    title: "Engine",
    columns: ["system", "threads", "tokens/s"],
    rows: [
      ["ours", 1, 7],
      ["ours", 2, ours],
      ["peer", 2, peers],
    ],
  });
const ratio = (better: "lower" | "higher"): GatedRatio => ({
  bench: "engine",
  name: "tokens/s",
  of: { row: ["ours", "2"], column: "tokens/s" },
  over: { row: ["peer", "2"], column: "tokens/s" },
  better,
  tolerance: 0.2,
});
const verdict = (better: "lower" | "higher", before: string, after: string) =>
  compareBenches(
    [ratio(better)],
    () => before,
    () => after,
  )[0]?.verdict;

describe("the benchmark gate", () => {
  it("reads the tables that benches write", () => {
    expect(cellIn(table(100, 50), { row: ["ours", "2"], column: "tokens/s" })).toBe(100);
    expect(cellIn(table(100, 50), { row: ["ours", "3"], column: "tokens/s" })).toBeUndefined();
    expect(cellIn(table(100, 50), { row: ["ours", "2"], column: "tokens" })).toBeUndefined();
    expect(
      cellIn(toMarkdown({ title: "T", columns: ["a|b", "n"], rows: [["x|y", 3]] }), { row: ["x|y"], column: "n" }),
    ).toBe(3);
    expect(cellIn("", { row: [], column: "n" })).toBeUndefined();
  });

  it("lets a slower machine pass, on which the peer is as much slower", () => {
    expect(verdict("higher", table(100, 50), table(10, 5))).toBe("kept");
  });

  it("stops what became slower while its peer did not", () => {
    expect(verdict("higher", table(100, 50), table(79, 50))).toBe("worse");
    expect(verdict("lower", table(100, 50), table(121, 50))).toBe("worse");
  });

  it("lets pass what is within the tolerance, and what got better", () => {
    expect(verdict("higher", table(100, 50), table(81, 50))).toBe("kept");
    expect(verdict("lower", table(100, 50), table(119, 50))).toBe("kept");
    expect(verdict("higher", table(100, 50), table(1000, 50))).toBe("kept");
    expect(verdict("lower", table(100, 50), table(1, 50))).toBe("kept");
  });

  it("stops where a number is gone: a bench that measures nothing is no bench", () => {
    expect(verdict("higher", table(100, 50), "")).toBe("missing");
    expect(verdict("higher", "", table(100, 50))).toBe("missing");
    expect(verdict("higher", table(100, 50), table(100, 0))).toBe("missing");
    expect(verdict("higher", table(100, 50), table(100, 50).replace("50", "–"))).toBe("missing");
  });

  it("finds every ratio it guards in the tables of the tree", () => {
    const read = (bench: string): string =>
      existsSync(`${root}docs/bench/${bench}.md`) ? readFileSync(`${root}docs/bench/${bench}.md`, "utf8") : "";
    const found = compareBenches(gatedRatios, read, read);
    expect(found.filter(({ verdict: is }) => is !== "kept").map(({ ratio: { name } }) => name)).toEqual([]);
    expect(found.length).toBeGreaterThan(5);
  });

  it("says before, after and what would have been allowed", () => {
    const report = toReport(
      compareBenches(
        [ratio("higher")],
        () => table(100, 50),
        () => table(40, 50),
      ),
    );
    expect(report).toMatch(/\| engine +\| tokens\/s \| higher \| 2\.000 +\| 0\.800 \| 20 % +\| worse +\|/);
  });
});
