import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { dress } from "./dress.ts";
import type { PanelPlan } from "./plan.ts";

/** Labels as columns, one row a series, of what is now. */
export function tablePanel(plan: PanelPlan): PanelBuilder {
  return dress(new PanelBuilder(), plan)
    .showHeader(true)
    .withTransformation({
      id: "organize",
      options: { excludeByName: { Time: true, __name__: true, job: true, instance: true } },
    });
}
