import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { dress } from "./dress.ts";
import type { PanelPlan } from "./plan.ts";

/** How many observations fell into which bucket when; expressions keep `le`. */
export function heatPanel(plan: PanelPlan): PanelBuilder {
  return dress(new PanelBuilder(), plan)
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Oranges").steps(32))
    .yAxis(new YAxisConfigBuilder().unit(plan.unit));
}
