import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as GaugeBuilder } from "@grafana/grafana-foundation-sdk/gauge";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { dress } from "./dress.ts";
import type { PanelPlan } from "./plan.ts";

const last = () => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);

/** The last value, large, over how it came to be so. */
export function statPanel(plan: PanelPlan): StatBuilder {
  return dress(new StatBuilder(), plan)
    .reduceOptions(last())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area);
}

/** The last value between a least and a most. */
export function gaugePanel(plan: PanelPlan): GaugeBuilder {
  return dress(new GaugeBuilder(), plan).reduceOptions(last()).showThresholdMarkers(true);
}

/** One bar a series, of what is now. */
export function barsPanel(plan: PanelPlan): BarGaugeBuilder {
  return dress(new BarGaugeBuilder(), plan)
    .reduceOptions(last())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic);
}
