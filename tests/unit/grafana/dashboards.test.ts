import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type DashboardFile,
  dashboardFiles,
  dashboardsFolder,
  type PanelFile,
  readDashboard,
  shownPanels,
} from "../../../scripts/grafana/dashboard-file.ts";
import { renderDashboards } from "../../../scripts/grafana/dashboards/all.ts";
import { latenciesWithTraces } from "../../../scripts/grafana/panels/exemplars.ts";

/** What the tests read beyond what scripts need. */
type WholePanel = PanelFile & {
  readonly links?: readonly { readonly url: string }[];
  readonly datasource?: { readonly uid: string };
};
type WholeTarget = NonNullable<PanelFile["targets"]>[number] & { readonly exemplar?: boolean };
type WholeDashboard = DashboardFile & {
  readonly uid: string;
  readonly panels: readonly WholePanel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
};

const dashboards = dashboardFiles.map((file) => [file, readDashboard(file) as WholeDashboard] as const);
const overview = dashboards[0]?.[1] as WholeDashboard;
const everyPanel = dashboards.flatMap(([, dashboard]) => shownPanels(dashboard) as readonly WholePanel[]);

function stepsOf(title: string): readonly number[] {
  const panel = shownPanels(overview).find((one) => one.title === title);
  return (panel?.fieldConfig?.defaults.thresholds?.steps ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
}

describe("the dashboards", () => {
  it("are in the tree as the generator writes them", () => {
    for (const [file, text] of renderDashboards()) {
      expect(readFileSync(join(dashboardsFolder, file), "utf8"), `${file}: npm run grafana:render`).toBe(text);
    }
    expect([...renderDashboards().keys()]).toEqual([...dashboardFiles]);
  });

  it("begin with what everybody asks for first, in the order they ask", () => {
    expect(
      shownPanels(overview)
        .slice(0, 13)
        .map(({ title }) => title),
    ).toEqual([
      "Sektöre göre istek hızı",
      "p95 yanıt süresi",
      "Hata oranı",
      "Başarı oranı",
      "GPU kullanımı",
      "Bellek",
      "WebSocket bağlantıları",
      "Ses işleme süresi",
      "Konuşma tanıma doğruluğu (STT)",
      "Seslendirme kalitesi (TTS)",
      "Adaptör doğruluğu",
      "Yönlendirici doğruluğu",
      "İstek başına maliyet",
    ]);
    expect(shownPanels(overview).length).toBeGreaterThanOrEqual(20);
  });

  it("say of every panel in both languages what it is, in which unit, and which expression it shows", () => {
    for (const panel of everyPanel) {
      const [english = "", turkish = ""] = (panel.description ?? "").split("\n\n");
      expect(english, panel.title).toMatch(/^[A-Z0-9].+\.$/);
      expect(turkish, panel.title).toMatch(/\S.+[.?]$/);
      expect(panel.fieldConfig?.defaults.unit, panel.title).toMatch(/^\w+$/);
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
    }
  });

  it("can be narrowed by sector, adapter and instance", () => {
    for (const [file, { templating }] of dashboards) {
      const names = templating.list.map(({ name }) => name);
      expect(names, file).toEqual(["sector", "adapter", "instance", "runbooks"]);
    }
  });

  const expressionsOf = (title: string): readonly string[] => {
    const panel = shownPanels(overview).find((one) => one.title === title);
    return ((panel?.targets ?? []) as readonly { readonly expr: string }[]).map(({ expr }) => expr);
  };

  it("warn at 5 % errors and at 500 ms of waiting", () => {
    expect(stepsOf("Hata oranı")).toContain(0.05);
    // What is red there is what wakes people.
    expect(expressionsOf("Hata oranı")).toHaveLength(2);
    for (const title of ["Hata oranı", "Başarı oranı"])
      for (const expr of expressionsOf(title))
        expect(expr, title).toMatch(/sector:turkish_ai_faults:rate5m.*sector:turkish_ai_requests:rate5m/);
    const [people] = /endpoint!~"[^"]*"/.exec(readFileSync("monitoring/rules/turkish_ai_metrics.yml", "utf8")) ?? [];
    for (const title of ["Sektöre göre istek hızı", "p95 yanıt süresi"])
      for (const expr of expressionsOf(title)) expect(expr, title).toContain(people);
    expect(stepsOf("Yönlendirme ve kuyruk bekleyişi")).toContain(0.5);
  });

  it("show single slow requests among the curves of every latency that keeps traces, and nowhere else", () => {
    const kept = ["request-metrics.ts", "engine-metrics.ts"].flatMap((file) => {
      const source = readFileSync(join("services/observability", file), "utf8");
      const histograms = source.matchAll(/new Histogram<[^>]*TraceLabel>\(\{\s*name: "(\w+)"/g);
      return [...histograms].map(([, name = ""]) => name);
    });
    expect([...latenciesWithTraces].sort()).toEqual(kept.sort());
    const overTime = everyPanel.filter(({ type }) => type === "timeseries" || type === "heatmap");
    const targets = overTime.flatMap(({ targets: some = [] }) => some as readonly WholeTarget[]);
    const shown = targets.filter(({ exemplar }) => exemplar === true).map(({ expr }) => expr);
    const wanted = targets.filter(({ expr }) => kept.some((name) => expr.includes(`${name}_bucket`)));
    expect(shown).toEqual(wanted.map(({ expr }) => expr));
    expect(shown.length).toBeGreaterThan(4);
    const elsewhere = everyPanel.filter((panel) => !overTime.includes(panel)).flatMap(({ targets: some = [] }) => some);
    expect((elsewhere as readonly WholeTarget[]).filter(({ exemplar }) => exemplar === true)).toEqual([]);
  });

  it("read from the data source that is provisioned", () => {
    const { datasources } = parse(readFileSync("monitoring/grafana/datasources/prometheus.yml", "utf8")) as {
      datasources: readonly { readonly uid: string }[];
    };
    for (const panel of everyPanel) expect(panel.datasource?.uid, panel.title).toBe(datasources[0]?.uid);
  });

  it("lead from a panel to a runbook that there is", () => {
    const linked = everyPanel.flatMap(({ links = [] }) => links.map(({ url }) => url));
    expect(linked.length).toBeGreaterThan(20);
    for (const url of linked) {
      const file = /^\$\{runbooks\}\/(\w+\.md)$/.exec(url)?.[1] ?? "";
      expect(readFileSync(join("docs/runbooks", file), "utf8"), url).not.toBe("");
    }
  });

  it("lay panels beside and below, never upon each other", () => {
    for (const [file, { panels }] of dashboards) {
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
      );
      expect(new Set(cells).size, file).toBe(cells.length);
      for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      expect(new Set(panels.map(({ id }) => id)).size, file).toBe(panels.length);
    }
  });

  it("have addresses that differ", () => {
    expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
  });
});
