import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DashboardFile,
  dashboardFiles,
  readDashboard,
  shownPanels,
} from "../../scripts/grafana/dashboard-file.ts";
import { startPrometheus } from "../../scripts/grafana/local/prometheus-process.ts";
import { metricNames } from "../../scripts/grafana/metric-names.ts";
import { type Prometheus, prometheusAt } from "../../scripts/grafana/picture/prometheus.ts";
import { call } from "../../scripts/grafana/traffic/call.ts";
import { messages } from "../../scripts/grafana/traffic/messages.ts";
import { trafficRound } from "../../scripts/grafana/traffic/round.ts";
import { Disposal } from "../../services/foundation/index.ts";
import { standInForNvidiaSmi, startRecordedExporter } from "../support/grafana-live.ts";
import { panelFaults } from "../support/panel-faults.ts";
import { startServe } from "../support/serve-process.ts";

const shown = { rateInterval: "2m", range: "10m" };
const mostRounds = 6;
const dashboards = dashboardFiles.map((file) => [file, readDashboard(file)] as const);
const opened = new Disposal();
let prometheus: Prometheus;

/**
 * A real gateway with the embedded model, a real Prometheus that scrapes it once a second and evaluates our rules, and a few minutes of real
 * use. Two things a test machine has not: GPUs, for which a stand-in speaks instead of nvidia-smi, and exporters of nginx, Redis and
 * Postgres, whose recorded words are served (tests/fixtures/monitoring).
 */
beforeAll(async () => {
  const gpu = opened.own(standInForNvidiaSmi(), (one) => one[Symbol.dispose]());
  const serve = await startServe({
    environment: {
      PATH: gpu.path,
      // So that adapters are evicted, a form is refused, all speech is heard again, and turns have a price.
      SEKTOR_MAX_RESIDENT_ADAPTERS: "4",
      SEKTOR_FORMS_PER_HOUR: "2",
      SEKTOR_SPEECH_QUALITY_SAMPLE: "1",
      SEKTOR_PRICE_CURRENCY: "USD",
      SEKTOR_PRICE_GPU_HOUR: "2",
    },
  });
  opened.own(serve, async (one) => void (await one.stop()));
  const exporterOf = async (name: string) => {
    const exporter = await startRecordedExporter(`${name}-exporter.prom`);
    return opened.own(exporter, (one) => one[Symbol.asyncDispose]()).target;
  };
  const local = opened.own(
    await startPrometheus({
      scrapeS: 1,
      rules: ["monitoring/rules/turkish_ai_metrics.yml", "monitoring/rules/turkish_ai_alerts.yml"],
      targets: {
        "sektor-gateway": [new URL(serve.url).host],
        nginx: [await exporterOf("nginx")],
        redis: [await exporterOf("redis")],
        postgres: [await exporterOf("postgres")],
      },
    }),
    (one) => one[Symbol.asyncDispose](),
  );
  prometheus = prometheusAt(local.url);
  const asked = messages();
  for (let round = 0; round < mostRounds; round++) {
    await Promise.all([
      trafficRound(serve.url, asked, round),
      call(serve.url, "Kredi kartı borcumu yapılandırmak istiyorum.", "Peki, gecikme faizi ne kadar?"),
    ]);
    // What happened last is scraped a moment later.
    await delay(2_500);
    if ((await everyFault()).length === 0) break;
  }
}, 400_000);

afterAll(async () => {
  await opened.close();
}, 60_000);

async function everyFault(): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [, dashboard] of dashboards) faults.push(...(await panelFaults(prometheus, dashboard, shown)));
  return faults;
}

/** The dashboard with one panel's expression changed. */
function withExpression(dashboard: DashboardFile, panelId: number, refId: string, expr: string): DashboardFile {
  const panels = dashboard.panels
    .filter(({ id }) => id === panelId)
    .map((panel) => ({
      ...panel,
      targets: (panel.targets ?? []).filter((target) => target.refId === refId).map((target) => ({ ...target, expr })),
    }));
  return { ...dashboard, panels };
}

describe.each(dashboards)("%s, asked of a live Prometheus", (_file, dashboard) => {
  it("shows data in every panel, with every label its legends name", async () => {
    expect(await panelFaults(prometheus, dashboard, shown)).toEqual([]);
  });

  it("is found faulty when any metric of any panel is misspelt", async () => {
    let tampered = 0;
    for (const panel of shownPanels(dashboard)) {
      for (const { expr, refId } of panel.targets ?? []) {
        for (const name of metricNames(expr)) {
          const misspelt = expr.replaceAll(new RegExp(`(?<![\\w:])${name}(?![\\w:])`, "g"), `${name}x`);
          const faults = await panelFaults(prometheus, withExpression(dashboard, panel.id, refId, misspelt), shown);
          expect(faults, misspelt).toEqual([`${panel.title} ${refId}: no ${name}x`]);
          tampered++;
        }
      }
    }
    expect(tampered).toBeGreaterThanOrEqual(shownPanels(dashboard).length);
  });
});

describe("the check of a panel", () => {
  const [, overview] = dashboards[0] ?? [];
  const first = overview === undefined ? undefined : shownPanels(overview)[0];

  it.each([
    ["a label that there is not", "sum by (sektor) (turkish_ai_requests_total)", "no label sector"],
    ["a value that matches nothing", 'sum by (sector) (turkish_ai_requests_total{endpoint="/nowhere"})', "no value"],
    ["a division by nothing", "sum by (sector) (0 * turkish_ai_requests_total / 0)", "no value"],
    ["what is no PromQL", "sum by (sector (turkish_ai_requests_total)", "parse error"],
  ])("finds %s", async (_what, expr, fault) => {
    if (overview === undefined || first === undefined) throw new Error("There is no panel.");
    const faults = await panelFaults(prometheus, withExpression(overview, first.id, "A", expr), shown);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
