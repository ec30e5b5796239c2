import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { prometheus } from "../data-source.ts";
import { showsExemplars } from "./exemplars.ts";
import type { PanelPlan, Query } from "./plan.ts";

/** What every kind of panel builder of the SDK can be told. */
interface Dressable {
  title(title: string): this;
  description(description: string): this;
  datasource(source: { type?: string; uid?: string }): this;
  unit(unit: string): this;
  min(min: number): this;
  max(max: number): this;
  span(width: number): this;
  height(height: number): this;
  noValue(text: string): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
  links(links: Builder<DashboardLink>[]): this;
  withTarget(target: Builder<Dataquery>): this;
}

/** Everything a panel has whatever it is drawn as. */
export function dress<B extends Dressable>(builder: B, plan: PanelPlan): B {
  builder
    .title(plan.title)
    .description(`${plan.english}.\n\n${plan.about}`)
    .datasource(prometheus)
    .unit(plan.unit)
    .span(plan.width ?? 8)
    .height(plan.height ?? 8)
    .noValue("veri yok")
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([
          { value: null, color: plan.base ?? "green" },
          ...(plan.steps ?? []).map(({ from, color }) => ({ value: from, color })),
        ]),
    );
  if (plan.min !== undefined) builder.min(plan.min);
  if (plan.max !== undefined) builder.max(plan.max);
  if (plan.runbook !== undefined) builder.links([runbookLink(plan.runbook)]);
  for (const [index, query] of plan.queries.entries()) builder.withTarget(target(plan, query, index));
  return builder;
}

function runbookLink(runbook: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Ne yapmalı? (runbook)")
    .type(DashboardLinkType.Link)
    .url(`\${runbooks}/${runbook}.md`)
    .targetBlank(true);
}

function target(plan: PanelPlan, { expr, legend }: Query, index: number): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(prometheus)
    .refId(String.fromCharCode(65 + index))
    .expr(expr)
    .legendFormat(legend)
    .format(formatOf(plan.kind));
  if (showsExemplars(plan, { expr })) query.exemplar(true);
  // A table and bars show what is now; everything else how it came to be so.
  return plan.kind === "table" || plan.kind === "bars" ? query.instant() : query.range();
}

function formatOf(kind: PanelPlan["kind"]): PromQueryFormat {
  if (kind === "heat") return PromQueryFormat.Heatmap;
  return kind === "table" ? PromQueryFormat.Table : PromQueryFormat.TimeSeries;
}
