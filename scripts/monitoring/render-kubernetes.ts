import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

const shipped = fileURLToPath(new URL("../../monitoring", import.meta.url));
const namespace = "sektor";

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}
interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}
interface Route {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly routes?: readonly Route[];
}
interface AlertmanagerFile {
  readonly route: Route;
  readonly inhibit_rules: readonly {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
    readonly equal?: readonly string[];
  }[];
  readonly receivers: readonly {
    readonly name: string;
    readonly webhook_configs?: readonly { send_resolved: boolean }[];
  }[];
}

/**
 * Rules, routes of alerts, dashboards and their data source as the Prometheus operator and Grafana's sidecar take them, by their names below
 * deploy/kubernetes/components/monitoring. All of it from monitoring/: nothing is said twice.
 */
export function renderKubernetesMonitoring(): ReadonlyMap<string, string> {
  return new Map([
    ["rules.yaml", written([prometheusRule()])],
    ["alerting.yaml", written([alertmanagerConfig()])],
    ["dashboards.yaml", written([...dashboards(), dataSource()])],
  ]);
}

function prometheusRule(): object {
  const groups = readdirSync(join(shipped, "rules"))
    .filter((file) => file.endsWith(".yml"))
    .sort()
    .flatMap((file) => (read(`rules/${file}`) as { groups: readonly RuleGroup[] }).groups);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: namespace },
    spec: { groups: groups.map((group) => ({ ...group, rules: group.rules.map(ruleOfOurs) })) },
  };
}

/** A cluster's Prometheus watches others too: what every target has is asked of ours alone, and an alert says whose it is, by which it is routed. */
function ruleOfOurs(rule: Rule): Rule {
  const expr = rule.expr
    .replaceAll(/\bup\b(?:\{([^}]*)\})?/g, (_all, matchers?: string) =>
      matchers === undefined ? `up{namespace="${namespace}"}` : `up{namespace="${namespace}", ${matchers}}`,
    )
    .replaceAll(/\bprometheus_rule_evaluation_failures_total\b/g, (name) => `${name}{rule_group=~".*;sektor_.*"}`);
  return rule.alert === undefined ? { ...rule, expr } : { ...rule, expr, labels: { ...rule.labels, namespace } };
}

function alertmanagerConfig(): object {
  const { route, inhibit_rules: inhibitions, receivers } = read("alertmanager.yml") as AlertmanagerFile;
  const urlSecret = { name: "sektor", key: "alert_webhook_url" };
  return {
    apiVersion: "monitoring.coreos.com/v1alpha1",
    kind: "AlertmanagerConfig",
    metadata: { name: namespace },
    spec: {
      route: routeOf(route),
      inhibitRules: inhibitions.map((one) => ({
        sourceMatch: one.source_matchers.map(matcherOf),
        targetMatch: one.target_matchers.map(matcherOf),
        ...(one.equal === undefined ? {} : { equal: one.equal }),
      })),
      receivers: receivers.map(({ name, webhook_configs: hooks }) => ({
        name,
        ...(hooks === undefined
          ? {}
          : { webhookConfigs: hooks.map(({ send_resolved: sendResolved }) => ({ urlSecret, sendResolved })) }),
      })),
    },
  };
}

function routeOf(route: Route): object {
  const { matchers, routes } = route;
  return {
    receiver: route.receiver,
    ...(matchers === undefined ? {} : { matchers: matchers.map(matcherOf) }),
    ...(route.group_by === undefined ? {} : { groupBy: route.group_by }),
    ...(route.group_wait === undefined ? {} : { groupWait: route.group_wait }),
    ...(route.group_interval === undefined ? {} : { groupInterval: route.group_interval }),
    ...(route.repeat_interval === undefined ? {} : { repeatInterval: route.repeat_interval }),
    ...(routes === undefined ? {} : { routes: routes.map(routeOf) }),
  };
}

/** @throws {Error} it is no matcher: `name="value"`, `!=`, `=~` or `!~` */
function matcherOf(text: string): object {
  const [, name, matchType, value] = /^(\w+)(=~|!~|!=|=)"([^"]*)"$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`${text} is no matcher.`);
  return { name, matchType, value };
}

function dashboards(): readonly object[] {
  const folder = join(shipped, "grafana/dashboards");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: `sektor-${file.replace(/\.json$/, "").replaceAll("_", "-")}`,
        labels: { grafana_dashboard: "1" },
        annotations: { grafana_folder: "Sektör" },
      },
      // Without its indentation: kubectl keeps a second copy as an annotation, which may be 256 KiB long.
      data: { [file]: JSON.stringify(JSON.parse(readFileSync(join(folder, file), "utf8"))) },
    }));
}

/** The dashboards name their data source by its uid. A cluster's Grafana has others, one of which is its default. */
function dataSource(): object {
  const { datasources } = read("grafana/datasources/prometheus.yml") as { datasources: readonly object[] };
  const ours = datasources.map((one) => ({
    ...one,
    name: "Sektör Prometheus",
    url: "http://prometheus-operated.monitoring.svc:9090",
    isDefault: false,
  }));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "sektor-data-source", labels: { grafana_datasource: "1" } },
    data: { "sektor.yaml": stringify({ apiVersion: 1, datasources: ours }, { lineWidth: 0 }) },
  };
}

function read(file: string): unknown {
  return parse(readFileSync(join(shipped, file), "utf8"));
}

function written(manifests: readonly object[]): string {
  const head = "# Written by `npm run kubernetes:render` from monitoring/: change it there.\n";
  return head + manifests.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
