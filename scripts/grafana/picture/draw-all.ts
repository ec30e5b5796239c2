import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles, readDashboard } from "../dashboard-file.ts";
import { drawDashboard, type FilledPanel } from "./draw-dashboard.ts";
import { panelData } from "./panel-data.ts";
import { prometheusAt } from "./prometheus.ts";

/** So many points has a line. */
const steps = 75;
/** Grafana's with the scrape interval we ship; a short run that scrapes more often is looked at no closer. */
const leastRateS = 60;

export interface PictureOptions {
  readonly prometheusUrl: string;
  readonly folder: string;
  /** Up to now. */
  readonly rangeS: number;
  /** How often Prometheus scrapes. */
  readonly scrapeS: number;
}

/** Writes `turkish_ai.svg`, `voice.svg` and `adapter_lifecycle.svg`. @returns the titles of panels without data, by file */
export async function drawAll(options: PictureOptions): Promise<ReadonlyMap<string, readonly string[]>> {
  const { prometheusUrl, folder, rangeS, scrapeS } = options;
  const toS = Math.floor(Date.now() / 1000);
  const stepS = Math.max(1, Math.round(rangeS / steps));
  const span = { fromS: toS - rangeS, toS, stepS };
  // As Grafana reckons it: four scrapes, and never less than what lies between two points.
  const shown = { rateInterval: `${Math.max(leastRateS, scrapeS * 4, stepS + scrapeS)}s`, range: `${rangeS}s` };
  const prometheus = prometheusAt(prometheusUrl);
  const empty = new Map<string, readonly string[]>();
  mkdirSync(folder, { recursive: true });
  for (const file of dashboardFiles) {
    const dashboard = readDashboard(file);
    const panels: FilledPanel[] = [];
    for (const panel of dashboard.panels)
      panels.push({ panel, series: await panelData(prometheus, panel, span, shown) });
    const picture = file.replace("_dashboard.json", ".svg");
    writeFileSync(join(folder, picture), drawDashboard(dashboard, panels, span));
    const without = panels.filter(({ panel, series }) => panel.type !== "row" && series.length === 0);
    empty.set(
      picture,
      without.map(({ panel }) => panel.title),
    );
  }
  return empty;
}
