import { afterEach, describe, expect, it } from "vitest";
import { voiceStages } from "../../../services/observability/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { allMetrics, seriesIn, seriesOf, shippedSectors } from "../../support/metrics.ts";
import { builtIn, registryWith } from "../live-sectors/parts.ts";

/** What the whole scrape may hold. */
const mostSeries = 3_000;

type Metrics = ReturnType<typeof allMetrics>;

describe("made-up names", () => {
  it("make no more series than the labels have room for, however many come", async () => {
    const metrics = allMetrics();
    for (let i = 0; i < 3_000; i++) makeUp(metrics, i);
    const full = seriesIn(await metrics.scrape()).length;
    for (let i = 3_000; i < 6_000; i++) makeUp(metrics, i);
    expect(seriesIn(await metrics.scrape())).toHaveLength(full);
  });

  it("are counted all the same, as others", async () => {
    const { gateway } = allMetrics();
    for (let i = 0; i < 1_000; i++)
      gateway.requestEnded({ sector: `s${i}`, endpoint: `/p${i}`, method: "GET", seconds: 1, errorType: `e${i}` });
    const total = (await seriesOf(gateway))
      .filter((line) => line.startsWith("turkish_ai_requests_total"))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    expect(total).toBe(1_000);
    expect(await gateway.registry.metrics()).toContain('sector="other"');
  });

  it("leave every error under its own code and sector when the routes run out", async () => {
    const { gateway } = allMetrics();
    for (let i = 0; i < 500; i++)
      gateway.requestEnded({ sector: "legal", endpoint: `/p${i}`, method: "GET", seconds: 1, errorType: "internal" });
    const legal = (await seriesOf(gateway)).filter(
      (line) => line.startsWith("turkish_ai_errors_total") && /sector="legal".*error_type="internal"/.test(line),
    );
    expect(legal.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0)).toBe(500);
  });
});

describe("a gateway that is asked for what it does not have", () => {
  let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
  afterEach(() => app?.close());

  it("has no more series after hundreds of made-up paths, models and sectors than after the first", async () => {
    const { registry, parts } = registryWith();
    const built = await buildTestGateway({
      sectors: builtIn,
      router: parts.shipped,
      registry,
      knowledge: createMemoryKnowledge([]),
      script: { adapters: ["legal@1"], reply: () => ["Olur."] },
      environment: { SEKTOR_REQUESTS_PER_MINUTE: "0" },
    });
    const gateway = built.app;
    app = gateway;
    const ask = async (i: number): Promise<void> => {
      const messages = [{ role: "user", content: "Merhaba" }];
      await gateway.inject({ method: "GET", url: `/no/such/path/${i}` });
      await gateway.inject({ method: "POST", url: "/v1/chat/completions", payload: { model: `model-${i}`, messages } });
      await gateway.inject({ method: "POST", url: "/api/v1/chat", payload: { message: "x", sector: `sector-${i}` } });
      await gateway.inject({ method: "GET", url: `/v1/sectors/made-up-${i}` });
      await gateway.inject({ method: "POST", url: "/api/v1/chat", payload: { [`field-${i}`]: 1 } });
    };
    await ask(0);
    const first = await seriesOf(built.metrics);
    for (let i = 1; i <= 100; i++) await ask(i);
    const later = await seriesOf(built.metrics);
    expect(later).toHaveLength(first.length);
    expect(later.join("\n")).not.toMatch(/made-up|model-\d|sector-\d|field-\d|such/);
  });
});

describe("a busy platform with 22 sectors", () => {
  it("is told in fewer than 3 000 series, whatever ways people ask", async () => {
    expect(shippedSectors).toHaveLength(22);
    const metrics = allMetrics();
    await beBusy(metrics);
    const series = seriesIn(await metrics.scrape());
    for (const sector of shippedSectors) {
      expect(series.some((line) => line.startsWith(`turkish_ai_response_time_seconds_count{sector="${sector}"`))).toBe(
        true,
      );
      expect(
        series.some((line) => line.startsWith(`llm_time_to_first_token_seconds_count{adapter="${sector}@3"`)),
      ).toBe(true);
      expect(series.some((line) => line.startsWith(`turkish_ai_cost_per_request_count{sector="${sector}"`))).toBe(true);
    }
    expect(series.length).toBeLessThanOrEqual(mostSeries);
  });
});

/** One event of every kind, under names nobody has heard of. */
function makeUp({ gateway, voice, infer }: Metrics, i: number): void {
  const sector = `sector-${i}`;
  const adapter = `${sector}@1`;
  gateway.requestStarted();
  gateway.requestEnded({ sector, endpoint: `/path/${i}`, method: `M${i}`, seconds: 0.1, errorType: `error text ${i}` });
  gateway.routed({ sector, routedBy: `by-${i}`, seconds: 0.001, confidence: 0.5 });
  gateway.turnEnded({ ...turn, sector, adapter, outcome: `fault-${i}` });
  gateway.knowledgeSearched({ sector, found: true });
  gateway.limitRefused(`limit-${i}`);
  gateway.rated({ sector, adapter, rating: 1 + (i % 5) });
  gateway.showAccuracies("feedback", { router: 0.5, adapters: [{ sector, adapter, share: 0.5 }] });
  voice.audioProcessed("recognition", 0.1);
  infer.observer.tokenChosen(adapter, 5);
}

const turn = {
  outcome: "ok",
  promptTokens: 100,
  completionTokens: 20,
  promptMs: 20,
  predictedMs: 100,
  totalMs: 150,
  firstTextMs: 50,
};

const spokenTurn = {
  stagesS: Object.fromEntries(voiceStages.map((stage) => [stage, 0.5])),
  partials: 4,
  sentBytes: 96_000,
  recognizerRtf: 0.01,
  synthesizerRtf: 0.02,
  queueDepth: 1,
};

/** The ways a turn comes in; every sector is asked for on each. */
const turnRoutes = ["/api/v1/chat", "/v1/chat/completions", "grpc/GenerateStream", "/v1/realtime"];
const otherRoutes = 70;

async function beBusy({ gateway, voice, jobs, measured, infer }: Metrics): Promise<void> {
  for (let i = 0; i < otherRoutes; i++) {
    gateway.requestEnded({ sector: "none", endpoint: `/route/${i}`, method: "GET", seconds: 0.01 });
    if (i % 3 === 0)
      gateway.requestEnded({
        sector: "none",
        endpoint: `/route/${i}`,
        method: "GET",
        seconds: 1,
        errorType: "invalid_request",
      });
  }
  for (const sector of [...shippedSectors, "none"]) {
    const adapter = sector === "none" ? null : `${sector}@3`;
    for (const endpoint of turnRoutes) {
      gateway.requestEnded({ sector, endpoint, method: "POST", seconds: 0.4 });
      gateway.requestEnded({ sector, endpoint, method: "POST", seconds: 3, errorType: "engine_saturated" });
    }
    for (const routedBy of ["router", "session", "request"])
      gateway.routed({ sector, routedBy, seconds: 0.0004, confidence: 0.9, switched: true });
    for (const outcome of ["ok", "internal", "request_aborted"])
      gateway.turnEnded({ ...turn, sector: sector === "none" ? null : sector, adapter, outcome });
    for (const found of [true, false]) gateway.knowledgeSearched({ sector, found });
    for (const rating of [1, 2, 3, 4, 5]) gateway.rated({ sector, adapter, rating });
    const request = { prompt: { messages: [{ role: "user" as const, content: "Merhaba" }] } };
    for await (const _ of measured.generate(adapter === null ? request : { ...request, adapterId: adapter }));
    infer.observer.tokenChosen(adapter ?? undefined, 5);
  }
  const accuracies = {
    router: 0.9,
    adapters: shippedSectors.map((sector) => ({ sector, adapter: `${sector}@3`, share: 0.8 })),
  };
  gateway.showAccuracies("feedback", accuracies);
  gateway.showAccuracies("evaluation", accuracies);
  for (const type of ["recognition", "synthesis"] as const) voice.audioProcessed(type, 0.05);
  voice.recognized(0.9);
  voice.spokenHeard(0.97, 0.9);
  for (const outcome of ["completed", "interrupted", "cancelled", "failed", "unanswered"] as const)
    voice.turnEnded({ ...spokenTurn, outcome });
  for (const name of ["serverless-run", "batch", "webhook", "feedback-report", "feedback-export"])
    for (const outcome of ["completed", "retried", "failed"]) jobs.attemptEnded(name, outcome, 1);
}
