import { describe, expect, it } from "vitest";
import { costOf, createEngineShares, createGatewayMetrics } from "../../../services/observability/index.ts";
import { seriesOf } from "../../support/metrics.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

const turn = {
  sector: "legal",
  adapter: "legal@3",
  outcome: "ok",
  promptTokens: 200,
  completionTokens: 50,
  promptMs: 40,
  predictedMs: 160,
  totalMs: 260,
  firstTextMs: 90,
};
const prices = { currency: "USD", perGpuHour: 3.6, perMillionPromptTokens: 1, perMillionCompletionTokens: 4 };

describe("a turn that has ended", () => {
  it.each([
    ["ok", "ok"],
    ["interrupted", "aborted"],
    ["request_aborted", "aborted"],
    ["engine_saturated", "error"],
  ])("counts %s as %s, under its sector and adapter", async (outcome, counted) => {
    const metrics = createGatewayMetrics();
    metrics.turnEnded({ ...turn, outcome });
    expect(await seriesOf(metrics)).toContain(
      `sektor_adapter_turns_total{sector="legal",adapter="legal@3",outcome="${counted}"} 1`,
    );
  });

  it("waited for the engine as long as it took until its first piece, less the time of its prompt", async () => {
    const metrics = createGatewayMetrics();
    metrics.turnEnded(turn);
    const series = await seriesOf(metrics);
    expect(series).toContain("sektor_engine_wait_seconds_sum 0.05");
    expect(series).toContain('sektor_adapter_first_token_seconds_sum{sector="legal"} 0.09');
  });

  it("did not wait longer than its whole time leaves room for, also where its first piece was held back", async () => {
    const metrics = createGatewayMetrics();
    metrics.turnEnded({ ...turn, firstTextMs: 250 });
    expect(await seriesOf(metrics)).toContain("sektor_engine_wait_seconds_sum 0.06");
  });

  it("says nothing of waiting where the engine was not asked, or nobody waited", async () => {
    const metrics = createGatewayMetrics();
    metrics.turnEnded({ ...turn, promptMs: 0, predictedMs: 0 });
    metrics.turnEnded({ ...turn, firstTextMs: undefined });
    expect(await seriesOf(metrics)).toContain("sektor_engine_wait_seconds_count 0");
  });
});

describe("the cost of a turn", () => {
  it("is its tokens at their prices and its seconds of the engine at the price of an hour", () => {
    // (200 × 1 + 50 × 4) / 10⁶ + 0.2 s × 3.6 / 3600
    expect(costOf(turn, prices)).toBeCloseTo(0.0004 + 0.0002, 12);
    expect(costOf({ ...turn, engineSeconds: 0.1 }, prices)).toBeCloseTo(0.0004 + 0.0001, 12);
  });

  it("has no series where nothing has a price", async () => {
    const metrics = createGatewayMetrics({
      prices: { ...prices, perGpuHour: 0, perMillionPromptTokens: 0, perMillionCompletionTokens: 0 },
    });
    metrics.turnEnded(turn);
    expect(await metrics.registry.metrics()).not.toContain("turkish_ai_cost_per_request");
  });

  it("is counted by sector, in the table's currency, for turns that the engine answered", async () => {
    const metrics = createGatewayMetrics({ prices });
    metrics.turnEnded(turn);
    metrics.turnEnded({ ...turn, promptTokens: 0, completionTokens: 0 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('turkish_ai_cost_per_request_count{sector="legal"} 1');
    expect(text).toMatch(/HELP turkish_ai_cost_per_request .*USD/);
  });
});

describe("the engine's time", () => {
  it("is divided among the replies that are under way at the same time, and none of it twice", async () => {
    const time = { ms: 0 };
    const shares = createEngineShares(() => time.ms);
    const engine = shares.watched(new ScriptedEngine({ reply: () => ["bir"] }));
    const ask = () => engine.generate({ prompt: { text: "x" } })[Symbol.asyncIterator]();
    const first = ask();
    await first.next();
    time.ms = 1_000;
    const second = ask();
    await second.next();
    time.ms = 3_000;
    const firstEnd = (await first.next()).value;
    time.ms = 4_000;
    const secondEnd = (await second.next()).value;
    // Alone for a second, together for two, alone for one.
    expect(shares.secondsOf(firstEnd?.type === "end" ? firstEnd.timings : undefined)).toBe(2);
    expect(shares.secondsOf(secondEnd?.type === "end" ? secondEnd.timings : undefined)).toBe(2);
  });

  it("goes to nobody while nothing is under way, and a reply that was left takes nothing any more", async () => {
    const time = { ms: 0 };
    const shares = createEngineShares(() => time.ms);
    const engine = shares.watched(new ScriptedEngine({ reply: () => ["bir", "iki"] }));
    const left = engine.generate({ prompt: { text: "x" } })[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    time.ms = 5_000;
    const own = engine.generate({ prompt: { text: "x" } })[Symbol.asyncIterator]();
    await own.next();
    time.ms = 6_000;
    await own.next();
    const end = (await own.next()).value;
    expect(shares.secondsOf(end?.type === "end" ? end.timings : undefined)).toBe(1);
    expect(shares.secondsOf({})).toBeUndefined();
  });
});
