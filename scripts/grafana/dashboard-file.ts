import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where Grafana reads the dashboards from. */
export const dashboardsFolder = "monitoring/grafana/dashboards";
export const dashboardFiles = [
  "turkish_ai_dashboard.json",
  "voice_dashboard.json",
  "adapter_lifecycle_dashboard.json",
] as const;

/** What we read of a dashboard; Grafana's files say more. */
export interface DashboardFile {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly PanelFile[];
}

export interface PanelFile {
  readonly id: number;
  readonly type: "row" | "timeseries" | "stat" | "gauge" | "bargauge" | "heatmap" | "table";
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly min?: number;
      readonly max?: number;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
      readonly custom?: { readonly stacking?: { readonly mode?: string } };
    };
  };
}

export function readDashboard(file: string, folder = dashboardsFolder): DashboardFile {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as DashboardFile;
}

/** The panels that show something: all but the headings of rows. */
export function shownPanels(dashboard: DashboardFile): readonly PanelFile[] {
  return dashboard.panels.filter(({ type }) => type !== "row");
}
