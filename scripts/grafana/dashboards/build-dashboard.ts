import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { buildPanel } from "../panels/build-panel.ts";
import type { RowPlan } from "../panels/plan.ts";
import { withVariables } from "../variables.ts";

export interface DashboardPlan {
  /** Stays the same for ever: addresses of the dashboard hold it. */
  readonly uid: string;
  readonly title: string;
  readonly english: string;
  readonly rows: readonly RowPlan[];
}

/** Panels follow each other from left to right in rows that are open; ids count from 1. */
export function buildDashboard(plan: DashboardPlan): Dashboard {
  const dashboard = withVariables(
    new DashboardBuilder(plan.title)
      .uid(plan.uid)
      .description(plan.english)
      .tags(["sektor", "generated"])
      .readonly()
      .tooltip(DashboardCursorSync.Crosshair)
      .timezone("browser")
      .time({ from: "now-1h", to: "now" })
      .refresh("30s"),
  ).link(
    new DashboardLinkBuilder("Öbür panolar")
      .type(DashboardLinkType.Dashboards)
      .tags(["sektor"])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true),
  );
  let id = 1;
  for (const row of plan.rows) {
    dashboard.withRow(new RowBuilder(row.title).id(id++));
    for (const panel of row.panels) dashboard.withPanel(buildPanel(panel, id++));
  }
  return dashboard.build();
}
