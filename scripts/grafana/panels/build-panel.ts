import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { heatPanel } from "./heat.ts";
import { linesPanel } from "./lines.ts";
import { barsPanel, gaugePanel, statPanel } from "./numbers.ts";
import type { PanelPlan } from "./plan.ts";
import { tablePanel } from "./table.ts";

const kinds = {
  lines: linesPanel,
  stat: statPanel,
  gauge: gaugePanel,
  bars: barsPanel,
  heat: heatPanel,
  table: tablePanel,
};

export function buildPanel(plan: PanelPlan, id: number): Builder<Panel> {
  return kinds[plan.kind](plan).id(id);
}
