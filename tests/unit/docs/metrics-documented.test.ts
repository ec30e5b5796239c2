import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allMetrics } from "../../support/metrics.ts";

interface Row {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** `| `name` | type | `label`, `label` | unit | source |` */
function documentedMetrics(): readonly Row[] {
  return readFileSync("docs/metrics.md", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, first = "", type = "", labels = "", unit = "", source = ""] = line.split("|").map((cell) => cell.trim());
      const name = /^`([a-z0-9_:]+)`$/.exec(first)?.[1];
      if (name === undefined || unit === "" || source === "") return [];
      return { name, type, labels: [...labels.matchAll(/`([a-z_]+)`/g)].map(([, label]) => String(label)) };
    });
}

function registeredMetrics(): readonly Row[] {
  const { gateway, infer } = allMetrics();
  const metrics = [...gateway.registry.getMetricsAsArray(), ...infer.registry.getMetricsAsArray()];
  const rows = metrics.map((metric) => {
    const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: readonly string[] };
    return { name, type: metric.constructor.name.toLowerCase(), labels: [...labelNames] };
  });
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}

describe("docs/metrics.md", () => {
  const documented = documentedMetrics();
  const registered = registeredMetrics();
  const names = (rows: readonly Row[]) => rows.map(({ name }) => name).sort();

  it("has a row for every metric, and none for a metric there is not", () => {
    expect(registered.length).toBeGreaterThan(50);
    expect(names(documented)).toEqual(names(registered));
  });

  it("names type and labels as they are", () => {
    const byName = (rows: readonly Row[]) => [...rows].sort((a, b) => a.name.localeCompare(b.name, "en"));
    expect(byName(documented)).toEqual(byName(registered));
  });

  it("says of no metric that it counts in another unit than its name does", () => {
    const units = { seconds: "seconds", bytes: "bytes", percent: "percent", ratio: "share" };
    const text = readFileSync("docs/metrics.md", "utf8");
    for (const { name } of registered) {
      const unit = Object.entries(units).find(([ending]) => name.replace(/_total$/, "").endsWith(`_${ending}`))?.[1];
      if (unit === undefined) continue;
      expect(
        text
          .split("\n")
          .find((line) => line.startsWith(`| \`${name}\` `))
          ?.split("|")[4]
          ?.trim(),
      ).toBe(unit);
    }
  });
});
