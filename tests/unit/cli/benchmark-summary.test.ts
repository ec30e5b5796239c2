import { expect, test } from "vitest";
import { percentile, summarize } from "../../../services/cli/benchmark-summary.ts";

test("takes percentiles by nearest rank", () => {
  const values = [50, 10, 30, 20, 40];
  expect(percentile(values, 0.5)).toBe(30);
  expect(percentile(values, 0.95)).toBe(50);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeUndefined();
});

test("counts failures by code and leaves them out of the times", () => {
  const summary = summarize(
    [
      { ok: true, sector: "legal", firstTextMs: 100, totalMs: 200, tokens: 30 },
      { ok: true, sector: "legal", firstTextMs: undefined, totalMs: 400, tokens: 10 },
      { ok: false, sector: "legal", code: "engine_saturated" },
      { ok: false, sector: null, code: "engine_saturated" },
    ],
    2000,
  );
  expect(summary.errors).toEqual({ engine_saturated: 2 });
  expect(summary.total).toMatchObject({
    succeeded: 2,
    failed: 2,
    firstTextP50Ms: 100,
    totalP50Ms: 200,
    totalP95Ms: 400,
    tokensPerSecond: 20,
  });
  expect(summary.sectors.map(({ sector, failed }) => [sector, failed])).toEqual([
    [null, 1],
    ["legal", 1],
  ]);
});
