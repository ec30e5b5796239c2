import {
  type DashboardBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { prometheus } from "./data-source.ts";

/** Where the runbooks are read, without the last slash: docs/runbooks of the repository, wherever that is served. */
export const runbooksFolder = "/docs/runbooks";

/** What can be chosen above the panels: sector, adapter and instance, several or all; and where the runbooks are. */
export function withVariables(dashboard: DashboardBuilder): DashboardBuilder {
  return dashboard
    .withVariable(choice("sector", "Sektör", "label_values(turkish_ai_requests_total, sector)"))
    .withVariable(choice("adapter", "Adaptör", "label_values(vllm:lora_adapter_loaded, adapter)"))
    .withVariable(choice("instance", "Örnek", `label_values(up{job=~"sektor-.+"}, instance)`))
    .withVariable(
      new TextBoxVariableBuilder("runbooks")
        .label("Runbook adresi")
        .hide(VariableHide.HideVariable)
        .defaultValue(runbooksFolder),
    );
}

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(prometheus)
    .query({ qryType: 1, query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}
