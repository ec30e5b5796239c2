import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { checkMonitoringSettings } from "../../scripts/monitoring/monitoring-settings.ts";
import { renderKubernetesMonitoring } from "../../scripts/monitoring/render-kubernetes.ts";
import { renderMonitoring, writeMonitoring } from "../../scripts/monitoring/render-monitoring.ts";
import {
  type CaseFile,
  casesOf,
  loadCases,
  loadRules,
  monitoringFolder,
  nameOf,
  namesIn,
  type Rule,
  withWhatItReads,
} from "../support/prometheus-rules.ts";
import { ask, passing, readable } from "../support/promtool.ts";
import { mutantsOf } from "../support/rule-mutants.ts";

// On a machine that does other things at the same time, promtool takes minutes for what takes it seconds.
const patienceMs = 600_000;
const folder = mkdtempSync(join(tmpdir(), "sektor-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rules = loadRules();
const files = loadCases();
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Words of the language. */
const words = new Set(
  "and or unless by on group_left group sum avg min max rate increase changes absent vector time predict_linear histogram_quantile offset avg_over_time sum_over_time min_over_time max_over_time".split(
    " ",
  ),
);
/** What Prometheus and the exporters of others measure. */
const exported = new Set(
  "up nginx_up redis_up redis_memory_used_bytes redis_memory_max_bytes pg_up probe_ssl_earliest_cert_expiry prometheus_rule_evaluation_failures_total".split(
    " ",
  ),
);

describe("what is shipped", () => {
  it("is read by Prometheus and by Alertmanager as it is", async () => {
    const whole = await ask("promtool", ["check", "config", "--syntax-only", "prometheus.yml"], monitoringFolder);
    expect(whole.said).toContain("SUCCESS");
    const read = await ask("promtool", ["check", "rules", ...ruleFiles()], monitoringFolder);
    expect([read.isWell, read.said]).toEqual([true, expect.stringContaining("SUCCESS")]);
    // Debian's Alertmanager knows no url_file yet; all else is checked.
    const text = readFileSync(join(monitoringFolder, "alertmanager.yml"), "utf8");
    writeFileSync(join(folder, "alertmanager.yml"), text.replaceAll(/url_file: \S+/g, "url: http://127.0.0.1:1/"));
    const routes = await ask("amtool", ["check-config", join(folder, "alertmanager.yml")]);
    expect([routes.isWell, routes.said]).toEqual([true, expect.stringContaining("3 receivers")]);
  });

  it("is read as it is handed to the Prometheus operator", async () => {
    const text = renderKubernetesMonitoring().get("rules.yaml") ?? "";
    writeFileSync(join(folder, "operator.yml"), stringify(parse(text).spec));
    const read = await ask("promtool", ["check", "rules", join(folder, "operator.yml")]);
    expect([read.isWell, read.said]).toEqual([true, expect.stringContaining(`${rules.length} rules found`)]);
  });

  it("is read when it was rendered, with a key and addresses from files", async () => {
    const out = join(folder, "rendered");
    const [key, hook] = [join(folder, "key"), join(folder, "hook")];
    writeFileSync(key, "sk-sektor-none");
    writeFileSync(hook, "http://127.0.0.1:1/hook\n");
    const settings = {
      gateways: ["127.0.0.1:8000", "127.0.0.1:8010"],
      infer: [],
      alertmanagers: ["127.0.0.1:9093"],
      credentialsFile: key,
      runbookBase: "https://git.example/sektor/blob/main",
      webhookUrlFile: hook,
      watchdogUrlFile: hook,
      inlineUrls: true,
    };
    writeMonitoring(renderMonitoring(checkMonitoringSettings(settings)), out);
    const whole = await ask("promtool", ["check", "config", join(out, "prometheus.yml")]);
    expect([whole.isWell, whole.said]).toEqual([true, expect.stringContaining("2 rule files found")]);
    const routes = await ask("amtool", ["check-config", join(out, "alertmanager.yml")]);
    expect([routes.isWell, routes.said]).toEqual([true, expect.stringContaining("3 receivers")]);
    const rendered = readFileSync(join(out, "prometheus.yml"), "utf8");
    expect(rendered).not.toContain("sektor-infer");
    expect(rendered).toContain("runbook_base: https://git.example/sektor/blob/main");
  });

  it("wakes somebody for pages and for nothing else", async () => {
    const config = join(folder, "alertmanager.yml");
    const text = readFileSync(join(monitoringFolder, "alertmanager.yml"), "utf8");
    writeFileSync(config, text.replaceAll(/url_file: \S+/g, "url: http://127.0.0.1:1/"));
    for (const { labels = {}, alert } of alerts) {
      const given = Object.entries({ ...labels, alertname: alert }).map(([name, value]) => `${name}=${value}`);
      const { said } = await ask("amtool", ["config", "routes", "test", "--config.file", config, ...given]);
      const receivers: Readonly<Record<string, string>> = { page: "pages", ticket: "tickets", watchdog: "watchdog" };
      expect([alert, said.split("\n")[0]]).toEqual([alert, receivers[labels["severity"] ?? ""]]);
    }
  });

  it.each(files.map(({ file }) => file))(
    "%s holds",
    async (file) => {
      const { isWell, said } = await ask("promtool", ["test", "rules", file], join(monitoringFolder, "tests"));
      expect([isWell, said]).toEqual([true, expect.stringContaining("SUCCESS")]);
    },
    patienceMs,
  );
});

describe("the cases", () => {
  it("say of every recording rule what it gives, and of every alert when it fires and when it is silent", () => {
    const missing = rules.flatMap((rule) => {
      const groups = casesOf(rule, files).flatMap(({ tests }) => tests);
      const values = groups.flatMap(({ promql_expr_test = [] }) => promql_expr_test);
      const states = groups.flatMap(({ alert_rule_test = [] }) => alert_rule_test);
      const gives = values.some(({ exp_samples = [] }) => exp_samples.length > 0);
      const fires = states.some(({ exp_alerts = [] }) => exp_alerts.length > 0);
      const isSilent = states.some(({ exp_alerts = [] }) => exp_alerts.length === 0);
      const isWhole = rule.record !== undefined ? gives : fires && (isSilent || rule.alert === "SektorWatchdog");
      return isWhole ? [] : [nameOf(rule)];
    });
    expect(missing).toEqual([]);
  });

  it("show every page at most ninety seconds after a fault that was not there before", () => {
    // Burning slowly is no fault of a moment: it needs six hours by its nature.
    const late = alerts.filter(({ alert, labels }) => {
      if (labels?.["severity"] !== "page" || alert === "SektorAvailabilityBurnSlow") return false;
      const groups = files.flatMap(({ tests }) => tests);
      return !groups.some(({ alert_rule_test = [] }) => {
        const own = alert_rule_test.filter(({ alertname }) => alertname === alert);
        const silent = own.find(({ exp_alerts = [] }) => exp_alerts.length === 0);
        const firing = own.find(({ exp_alerts = [] }) => exp_alerts.length > 0);
        if (silent === undefined || firing === undefined) return false;
        return secondsOf(firing.eval_time) - secondsOf(silent.eval_time) <= 90;
      });
    });
    expect(late.map(nameOf)).toEqual([]);
  });

  it(
    "catch every slip: a turned comparison, another limit, matcher, operator, severity or patience",
    async () => {
      expect(await survivors()).toEqual([]);
    },
    patienceMs,
  );
});

describe("every alert", () => {
  it("has a severity, an area, and words in both languages", () => {
    for (const { alert, labels = {}, annotations = {} } of alerts) {
      expect(["page", "ticket", "watchdog"], alert).toContain(labels["severity"]);
      expect(labels["area"], alert).toMatch(/^[a-z]+$/);
      expect(annotations["summary"], alert).toMatch(/\S{2}/);
      expect(annotations["summary_tr"], alert).not.toBe(annotations["summary"]);
      expect(annotations["runbook_url"], alert).toMatch(new RegExp(`docs/runbooks/${alert}\\.md$`));
    }
  });

  it("has a runbook that says what it means, how to see it, what to do and when to wake somebody, and no runbook is left over", () => {
    const names = alerts.map(nameOf).sort();
    const books = readdirSync("docs/runbooks").filter((file) => file !== "README.md");
    expect(books.sort()).toEqual(names.map((name) => `${name}.md`));
    for (const name of names) {
      const text = readFileSync(`docs/runbooks/${name}.md`, "utf8");
      expect(text.match(/^#+ .*$/gm), name).toEqual([
        `# ${name}`,
        "## What it means",
        "## How to see it",
        "## What to do",
        "## When to wake somebody",
      ]);
      for (const part of text.split(/^## .*$/m).slice(1)) expect(part.trim().length, name).toBeGreaterThan(20);
      // Links lead somewhere.
      for (const [, path = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
        expect(() => readFileSync(join("docs/runbooks", path)), `${name}: ${path}`).not.toThrow();
    }
  });
});

describe("every number that a rule reads", () => {
  it("is one that docs/metrics.md tells of, or an exporter's", () => {
    const told = new Set(
      [...readFileSync("docs/metrics.md", "utf8").matchAll(/`([a-z_][\w:]*)`/g)].map(([, name]) => name),
    );
    const recorded = new Set(rules.map(({ record }) => record));
    const unknown = rules.flatMap(({ expr }) => {
      const bare = expr.replaceAll(/\{[^}]*\}|\b(?:by|on|group_left) \([^)]*\)|\boffset \w+/g, "");
      return namesIn(bare).filter((name) => {
        const family = name.replace(/_(?:bucket|sum|count)$/, "");
        return !(words.has(name) || exported.has(name) || recorded.has(name) || told.has(name) || told.has(family));
      });
    });
    expect(unknown).toEqual([]);
  });
});

describe("a fault", () => {
  it("is what docs/errors.md gives a 5xx, or does not know at all; what callers got wrong is none", () => {
    const codes = [
      ...readFileSync("docs/errors.md", "utf8").matchAll(/^\| <a id="[^"]+"><\/a>`(\w+)` \| (\d{3}) \|/gm),
    ];
    expect(codes.length).toBeGreaterThan(100);
    for (const window of ["1m", "5m"]) {
      const rule = rules.find(({ record }) => record === `sector:turkish_ai_faults:rate${window}`);
      const patterns = [...(rule?.expr.matchAll(/error_type!~"([^"]+)"/g) ?? [])].map(
        ([, pattern]) => new RegExp(`^(?:${pattern})$`),
      );
      const isFault = (code: string): boolean => !patterns.some((pattern) => pattern.test(code));
      const wrong = codes.filter(([, code = "", status]) => isFault(code) !== Number(status) >= 500);
      expect(wrong.map(([, code]) => code)).toEqual([]);
      expect(["nobody_knows_this", "500", "ECONNRESET"].map(isFault)).toEqual([true, true, true]);
      expect(["404", "FST_ERR_VALIDATION"].map(isFault)).toEqual([false, false]);
    }
  });
});

function ruleFiles(): readonly string[] {
  return readdirSync(join(monitoringFolder, "rules")).map((file) => join("rules", file));
}

function secondsOf(time: string): number {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  return [...time.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
}

/** Changed rules that no case notices. Whoever is caught by its first case needs not meet the others. */
async function survivors(): Promise<readonly string[]> {
  interface Suspect {
    readonly id: string;
    readonly what: string;
    readonly cases: readonly CaseFile[];
    readonly rule: Rule;
    readonly changed: Rule;
  }
  const suspects = rules.flatMap((rule) => {
    const cases = casesOf(rule, files).flatMap((file) => file.tests.map((test) => ({ ...file, tests: [test] })));
    const unchanged = { rule, what: "unchanged" };
    return [unchanged, ...mutantsOf(rule)].map(
      ({ rule: changed, what }, at): Suspect => ({
        id: "",
        what: `${nameOf(rule)}: ${what} (${at})`,
        cases,
        rule,
        changed,
      }),
    );
  });
  const well = new Map<string, Suspect>();
  let running = suspects.map((suspect, at) => ({ ...suspect, id: String(at) }));
  const names = running.map(({ id, changed }) => {
    writeFileSync(join(folder, `${id}.rules.yml`), stringify({ groups: [{ name: "all", rules: [changed] }] }));
    return `${id}.rules.yml`;
  });
  // What is no expression any more would be caught by anything.
  expect((await readable(names, folder)).size).toBe(names.length);
  for (let round = 0; running.length > 0; round++) {
    const asked = running.flatMap((suspect) => {
      const one = suspect.cases[round];
      if (one === undefined) {
        well.set(suspect.id, suspect);
        return [];
      }
      writeCase(suspect.id, suspect.rule, suspect.changed, one);
      return [suspect];
    });
    const passed = await passing(
      asked.map(({ id }) => `${id}.test.yml`),
      folder,
    );
    running = asked.filter(({ id }) => passed.has(`${id}.test.yml`));
  }
  const [unchanged, changed] = [true, false].map((is) =>
    [...well.values()].filter(({ what }) => /: unchanged/.test(what) === is),
  );
  // Who passes unchanged and fails changed was caught by the change.
  expect(unchanged?.length).toBe(rules.length);
  return changed?.map(({ what }) => what) ?? [];
}

function writeCase(id: string, rule: Rule, changed: Rule, { file: _file, ...one }: CaseFile): void {
  const isWhole = one.rule_files.some((path) => path.endsWith("metrics.yml"));
  const read = isWhole ? withWhatItReads(rule, rules) : [rule];
  const group = { name: "all", rules: read.map((other) => (other === rule ? changed : other)) };
  writeFileSync(join(folder, `${id}.rules.yml`), stringify({ groups: [group] }));
  const test = { ...one, rule_files: [`${id}.rules.yml`], group_eval_order: ["all"] };
  writeFileSync(join(folder, `${id}.test.yml`), stringify(test));
}
