import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countedTurns } from "../../../services/main/observing/counted-turns.ts";
import { readEvaluation } from "../../../services/main/observing/read-evaluation.ts";
import { accuraciesOf } from "../../../services/main/observing/watch-accuracy.ts";
import { stableAmong } from "../../../services/main/open/open-metrics.ts";
import { createGatewayMetrics } from "../../../services/observability/index.ts";
import type { RequestRow } from "../../../services/records/index.ts";
import { seriesOf } from "../../support/metrics.ts";
import { requestRow } from "../../support/request-row.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

describe("a request log that counts", () => {
  it("counts every turn once, whatever way it came in, and hands its row on", async () => {
    const metrics = createGatewayMetrics();
    const rows: RequestRow[] = [];
    const log = countedTurns({ record: (row) => rows.push(row) }, metrics);
    log.record(requestRow("a"), { firstTextMs: 30 });
    log.record(requestRow("b", { endpoint: "/v1/batches", outcome: "engine_saturated" }));
    expect(rows.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(await seriesOf(metrics)).toEqual(
      expect.arrayContaining([
        'sektor_adapter_turns_total{sector="legal",adapter="legal@1",outcome="ok"} 1',
        'sektor_adapter_turns_total{sector="legal",adapter="legal@1",outcome="error"} 1',
        "sektor_engine_wait_seconds_count 1",
      ]),
    );
  });
});

describe("an adapter's stage", () => {
  it("is stable for the newest, or for the one the configuration fixes if it is there", async () => {
    const { adapters } = await new ScriptedEngine({ adapters: ["legal@2", "legal@10", "insurance@1"] }).status();
    const stable = (fixed: Record<string, string>) =>
      adapters.filter((adapter) => stableAmong(fixed)(adapter, adapters)).map(({ id }) => id);
    expect(stable({})).toEqual(["legal@10", "insurance@1"]);
    expect(stable({ legal: "legal@2" })).toEqual(["legal@2", "insurance@1"]);
    expect(stable({ legal: "legal@7" })).toEqual(["legal@10", "insurance@1"]);
  });
});

describe("what users' judgement comes to", () => {
  it("is a share of what was judged, and nothing where nobody judged", () => {
    const adapters = [{ sector: "legal", adapter: "legal@3", rated: 4, good: 3 }];
    expect(accuraciesOf({ routing: { judged: 20, wrong: 1 }, adapters })).toEqual({
      router: 0.95,
      adapters: [{ sector: "legal", adapter: "legal@3", share: 0.75 }],
    });
    expect(accuraciesOf({ routing: { judged: 0, wrong: 0 }, adapters: [] })).toEqual({
      router: undefined,
      adapters: [],
    });
  });
});

describe("the evaluation", () => {
  const folder = mkdtempSync(join(tmpdir(), "sektor-evaluation-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const report = join(folder, "report.json");
  const manifest = join(folder, "manifest.json");
  const write = (sha256: string) => {
    const verdicts = [
      { sector: "legal", facts: 2, of: 2 },
      { sector: "legal", facts: 1, of: 2 },
      { sector: "energy", facts: 1, of: 1 },
    ];
    const machine = ["Machine", "Embedded model: base (base.gguf, sha256 0123456789ab…), 22 adapters, version 3"];
    const parts = { router: { messages: { top1: 0.95 } }, answers: { verdicts } };
    writeFileSync(report, JSON.stringify({ machine, parts }));
    const adapters = ["legal", "energy"].map((name) => ({ name, sector: name, version: "3" }));
    writeFileSync(manifest, JSON.stringify({ base: { sha256 }, adapters }));
  };

  it("gives each adapter the share of its answers that stated all their facts", async () => {
    write("0123456789abcdef");
    expect(await readEvaluation(report, manifest)).toEqual({
      router: 0.95,
      adapters: [
        { sector: "legal", adapter: "legal@3", share: 0.5 },
        { sector: "energy", adapter: "energy@3", share: 1 },
      ],
    });
  });

  it("says nothing of adapters it was not made with", async () => {
    write("fedcba9876543210");
    expect((await readEvaluation(report, manifest)).adapters).toEqual([]);
  });

  it("that is shipped fits the models that are shipped: every sector has its figure", async () => {
    const { router, adapters } = await readEvaluation("docs/eval/report.json", "models/manifest.json");
    expect(router).toBeGreaterThan(0.5);
    expect(adapters).toHaveLength(22);
  });

  it("is no fault where there is none", async () => {
    expect(await readEvaluation(join(folder, "none.json"), manifest)).toEqual({ router: undefined, adapters: [] });
  });
});
