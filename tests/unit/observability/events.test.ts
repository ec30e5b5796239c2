import { describe, expect, it } from "vitest";
import {
  createGatewayMetrics,
  registerDiskMetrics,
  registerEngineState,
} from "../../../services/observability/index.ts";
import { boundedLabel, closedLabel } from "../../../services/observability/labels.ts";
import { seriesIn, seriesOf, textOf } from "../../support/metrics.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

describe("a routing decision", () => {
  it("counts its sector, who made it, how sure the router was, and that the conversation changed its sector", async () => {
    const metrics = createGatewayMetrics();
    metrics.routed({ sector: "legal", routedBy: "router", seconds: 0.0004, confidence: 0.93, switched: true });
    metrics.routed({ sector: "none", routedBy: "fallback", seconds: 0.0004, confidence: 0.3 });
    metrics.routed({ sector: "legal", routedBy: "request", seconds: 0 });
    expect(await seriesOf(metrics)).toEqual(
      expect.arrayContaining([
        'turkish_ai_routing_decisions_total{sector="legal",routed_by="router"} 1',
        'turkish_ai_router_confidence_count{outcome="routed"} 1',
        'turkish_ai_router_confidence_count{outcome="abstained"} 1',
        "turkish_ai_router_switches_total 1",
      ]),
    );
  });
});

describe("feedback", () => {
  it("is counted by the sector and adapter of its reply and by its rating", async () => {
    const metrics = createGatewayMetrics();
    metrics.rated({ sector: "legal", adapter: "legal@3", rating: 4 });
    metrics.rated({ sector: null, adapter: null, rating: 1 });
    expect(await seriesOf(metrics)).toEqual(
      expect.arrayContaining([
        'sektor_feedback_ratings_total{sector="legal",adapter="legal@3",rating="4"} 1',
        'sektor_feedback_ratings_total{sector="none",adapter="none",rating="1"} 1',
      ]),
    );
  });

  it("shows the accuracies that follow from it, beside the evaluation's, and none that are not known any more", async () => {
    const metrics = createGatewayMetrics();
    const legal = { sector: "legal", adapter: "legal@3", share: 0.75 };
    metrics.showAccuracies("evaluation", { router: 0.95, adapters: [{ ...legal, share: 0.5 }] });
    metrics.showAccuracies("feedback", { router: 0.9, adapters: [legal] });
    const accuracies = async () => (await seriesOf(metrics)).filter((line) => line.includes("_accuracy{"));
    expect(await accuracies()).toEqual([
      'turkish_ai_router_accuracy{source="evaluation"} 0.95',
      'turkish_ai_router_accuracy{source="feedback"} 0.9',
      'turkish_ai_adapter_accuracy{sector="legal",adapter_version="legal@3",source="evaluation"} 0.5',
      'turkish_ai_adapter_accuracy{sector="legal",adapter_version="legal@3",source="feedback"} 0.75',
    ]);
    metrics.showAccuracies("feedback", { router: undefined, adapters: [] });
    expect(await accuracies()).toHaveLength(2);
  });
});

describe("a refusal for being too much", () => {
  it("is counted by the limit that was reached", async () => {
    const metrics = createGatewayMetrics();
    for (const limit of ["user_hour", "user_hour", "somebody's own"]) metrics.limitRefused(limit);
    expect(await seriesOf(metrics)).toEqual(
      expect.arrayContaining([
        'sektor_rate_limit_refusals_total{limit="user_hour"} 2',
        'sektor_rate_limit_refusals_total{limit="other"} 1',
      ]),
    );
  });
});

describe("the engine as the gateway sees it", () => {
  const state = async (engine: Pick<ScriptedEngine, "status">, restarts?: () => number) => {
    const { registry, labels } = createGatewayMetrics();
    registerEngineState(registry, labels, {
      status: () => engine.status(),
      isStable: ({ version }) => version === "2",
      restarts,
    });
    return seriesIn(await registry.metrics()).filter((line) => /sektor_(infer|adapter_info)/.test(line));
  };

  it("is up, with its adapters and the stage each is at, in the very scrape that asks", async () => {
    expect(await state(new ScriptedEngine({ adapters: ["legal@1", "legal@2"] }), () => 3)).toEqual([
      "sektor_infer_restarts_total 3",
      "sektor_infer_up 1",
      'sektor_adapter_info{sector="legal",adapter="legal@1",stage="other"} 1',
      'sektor_adapter_info{sector="legal",adapter="legal@2",stage="stable"} 1',
    ]);
  });

  it("is down, and shows no adapters, where it does not answer", async () => {
    expect(await state({ status: () => Promise.reject(new Error("away")) })).toEqual(["sektor_infer_up 0"]);
  });
});

describe("the disk", () => {
  it("is told by its size and what is free, and not at all where there is no folder yet", async () => {
    const sizes = seriesIn(await textOf((registry) => registerDiskMetrics(registry, ".")));
    const [size, free] = sizes.map((line) => Number(line.split(" ")[1]));
    expect(sizes.map((line) => line.split(" ")[0])).toEqual(["sektor_disk_size_bytes", "sektor_disk_free_bytes"]);
    expect(free).toBeGreaterThan(0);
    expect(size).toBeGreaterThan(free ?? 0);
    expect(seriesIn(await textOf((registry) => registerDiskMetrics(registry, "no/such/folder")))).toEqual([]);
  });
});

describe("a process", () => {
  it("says which it is, what it uses and since when", async () => {
    const series = await seriesOf(createGatewayMetrics({ process: "work" }));
    const value = (name: string) => Number(series.find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
    expect(value('turkish_ai_memory_usage_bytes{process="work"}')).toBeGreaterThan(1_000_000);
    expect(value('turkish_ai_cpu_usage_percent{process="work"}')).toBeGreaterThanOrEqual(0);
    expect(Math.abs(value("process_start_time_seconds") - performance.timeOrigin / 1000)).toBeLessThan(1);
    expect(value("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0);
    expect(value("process_cpu_seconds_total")).toBeGreaterThan(0);
  });
});

describe("labels", () => {
  it("take the first values there is room for, and call the rest other", () => {
    const label = boundedLabel(2);
    expect(["a", "b", "c", "a", "d"].map(label)).toEqual(["a", "b", "other", "a", "other"]);
    expect(boundedLabel(9)("x".repeat(200))).toBe("other");
  });

  it("of a closed set take nothing else", () => {
    expect(["GET", "BREW"].map(closedLabel(["GET"]))).toEqual(["GET", "other"]);
  });
});
