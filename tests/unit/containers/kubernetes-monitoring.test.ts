import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { makeSecrets } from "../../../scripts/containers/secret-files.ts";
import { dashboardFiles, dashboardsFolder } from "../../../scripts/grafana/dashboard-file.ts";
import { prometheus } from "../../../scripts/grafana/data-source.ts";
import { renderKubernetesMonitoring } from "../../../scripts/monitoring/render-kubernetes.ts";
import { loadRules } from "../../support/prometheus-rules.ts";
import { root } from "./compose-file.ts";
import { filesOf, folder, kustomization, type Manifest, manifests, resourcesOf } from "./manifests.ts";

const place = "components/monitoring";
const all = resourcesOf(place);
const monitors = all.filter(({ kind }) => kind === "ServiceMonitor");
const only = (kind: string): Manifest => {
  const [found, ...others] = all.filter((one) => one.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`not one ${kind}`);
  return found;
};

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}
const rules = (only("PrometheusRule").spec.groups as readonly { readonly rules: readonly Rule[] }[]).flatMap(
  ({ rules: some }) => some,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);

interface Matcher {
  readonly name: string;
  readonly matchType: string;
  readonly value: string;
}
interface Route {
  readonly receiver: string;
  readonly matchers?: readonly Matcher[];
  readonly routes?: readonly Route[];
}

/** What a ServiceMonitor makes of the label `job`, which is the Service's name otherwise. */
function jobOf({ spec }: Manifest): string {
  const [{ relabelings = [] }] = spec.endpoints as [
    { readonly relabelings?: readonly { readonly targetLabel: string; readonly replacement: string }[] },
  ];
  return (
    relabelings.find(({ targetLabel }) => targetLabel === "job")?.replacement ??
    spec.selector.matchLabels["app.kubernetes.io/name"]
  );
}

describe("deploy/kubernetes/components/monitoring", () => {
  it("is in the tree as it is written from monitoring/", () => {
    const rendered = renderKubernetesMonitoring();
    expect(rendered.size).toBe(3);
    for (const [file, text] of rendered)
      expect(readFileSync(join(folder, place, file), "utf8"), `${file}: npm run kubernetes:render`).toBe(text);
  });

  it("names every manifest it has, in the namespace of what it watches", () => {
    const values = "prometheus-adapter-values.yaml";
    expect([...(kustomization(place).resources ?? [])].sort()).toEqual(
      filesOf(place)
        .filter((file) => file !== values)
        .sort(),
    );
    // An overlay sets none: without it the manifests would go wherever kubectl happens to be.
    for (const where of ["base", place]) expect(kustomization(where).namespace).toBe("sektor");
  });

  it("gives each program the job that rules, routes and dashboards know it by", () => {
    const jobs = monitors.map(jobOf);
    expect([...jobs].sort()).toEqual(["sektor-gateway", "sektor-infer", "sektor-work"]);
    const text = [
      ...rules.map(({ expr }) => expr),
      ...manifests(`${place}/dashboards.yaml`).flatMap(({ data = {} }) => Object.values(data)),
    ].join("\n");
    const asked = [...text.matchAll(/\bjob(=~?)\\*"([^"\\]+)\\*"/g)].map(([, type, value = ""]) => ({ type, value }));
    const { inhibitRules } = only("AlertmanagerConfig").spec as {
      inhibitRules: readonly { readonly sourceMatch: readonly Matcher[]; readonly targetMatch: readonly Matcher[] }[];
    };
    for (const { sourceMatch, targetMatch } of inhibitRules)
      for (const { name, matchType, value } of [...sourceMatch, ...targetMatch])
        if (name === "job") asked.push({ type: matchType, value });
    expect(new Set(asked.map(({ value }) => value)).size).toBeGreaterThan(3);
    for (const { type, value } of asked) {
      const fits = jobs.some((job) => (type === "=~" ? new RegExp(`^(?:${value})$`).test(job) : value === job));
      expect([value, fits]).toEqual([value, true]);
    }
  });

  it("has every rule, and asks what all targets have of ours alone: a cluster's Prometheus watches others too", () => {
    const name = ({ alert, record }: Rule): string => alert ?? record ?? "";
    expect(rules.map(name).sort()).toEqual(loadRules().map(name).sort());
    const general = rules.filter(({ expr }) => /\bup\b|\bprometheus_/.test(expr));
    expect(general.length).toBeGreaterThan(3);
    for (const { expr } of general) {
      for (const [selector] of expr.matchAll(/\bup\b[^)=]*/g)) expect(selector).toMatch(/^up\{namespace$/);
      for (const [selector] of expr.matchAll(/\bprometheus_\w+.{0,12}/g)) expect(selector).toContain("{rule_group=");
    }
  });

  it("tells by an alert's labels whose it is: by its namespace the operator hands it to our routes", () => {
    expect(alerts.length).toBeGreaterThan(30);
    for (const { alert, labels } of alerts) expect([alert, labels?.["namespace"]]).toEqual([alert, "sektor"]);
  });

  it("routes each severity to a receiver that there is, at an address from the Secret", () => {
    const { route, receivers } = only("AlertmanagerConfig").spec as {
      route: Route;
      receivers: readonly {
        readonly name: string;
        readonly webhookConfigs?: readonly { readonly urlSecret: { readonly name: string; readonly key: string } }[];
      }[];
    };
    const to = (severity: string): string =>
      route.routes?.find(({ matchers = [] }) =>
        matchers.every(({ name, matchType, value }) => name === "severity" && matchType === "=" && value === severity),
      )?.receiver ?? route.receiver;
    const severities = [...new Set(alerts.map(({ labels }) => labels?.["severity"] ?? ""))];
    expect(severities.map((severity) => [severity, to(severity)]).sort()).toEqual([
      ["page", "pages"],
      ["ticket", "tickets"],
      ["watchdog", "watchdog"],
    ]);
    expect(receivers.map(({ name }) => name).sort()).toEqual(["pages", "tickets", "watchdog"]);
    const addresses = receivers.flatMap(({ webhookConfigs = [] }) => webhookConfigs.map(({ urlSecret }) => urlSecret));
    expect(addresses).toEqual([
      { name: "sektor", key: "alert_webhook_url" },
      { name: "sektor", key: "alert_webhook_url" },
    ]);
    const made = mkdtempSync(join(tmpdir(), "sektor-secrets-"));
    try {
      makeSecrets(made, { hosts: ["localhost"], alertWebhookUrl: "http://127.0.0.1:9/" });
      expect(readdirSync(made)).toContain("alert_webhook_url");
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
    // What the guide has people put into the Secret.
    const guide = readFileSync(`${root}docs/guides/kubernetes.md`, "utf8");
    expect(guide).toMatch(/create secret generic sektor .*\balert_webhook_url\b/);
  });

  it("brings the dashboards as they are, each small enough to be applied, and the data source that they name", () => {
    const maps = all.filter(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.labels?.["grafana_dashboard"] === "1",
    );
    const shown = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
    expect(Object.keys(shown).sort()).toEqual([...dashboardFiles].sort());
    for (const [file, text] of Object.entries(shown)) {
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(dashboardsFolder, file), "utf8")));
      // kubectl keeps what it applied in an annotation, and all annotations together may have 256 KiB.
      expect(JSON.stringify(maps.find(({ data = {} }) => file in data)).length).toBeLessThan(240_000);
    }
    const source = all.find(({ metadata }) => metadata.labels?.["grafana_datasource"] === "1");
    const { datasources } = parse(Object.values(source?.data ?? {})[0] ?? "");
    expect(datasources).toMatchObject([{ uid: prometheus.uid, type: "prometheus", isDefault: false }]);
  });
});
