import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dashboardFiles, readDashboard, shownPanels } from "../../scripts/grafana/dashboard-file.ts";
import { substitute } from "../../scripts/grafana/substitute.ts";

const shown = { rateInterval: "1m", range: "1h" };

/** What promtool says of expressions, each as a rule of its own. */
function check(expressions: readonly string[]): { readonly isSound: boolean; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), "sektor-panels-"));
  try {
    const file = join(folder, "panels.yml");
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    const run = spawnSync("promtool", ["check", "rules", "--lint=none", file], { encoding: "utf8" });
    if (run.error !== undefined) throw run.error;
    return { isSound: run.status === 0, said: run.stdout + run.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expressionsOf(file: string): readonly string[] {
  return shownPanels(readDashboard(file)).flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => substitute(expr, shown)),
  );
}

describe.each(dashboardFiles)("every expression of %s", (file) => {
  it("is PromQL to promtool", () => {
    const expressions = expressionsOf(file);
    expect(expressions.length).toBeGreaterThan(15);
    const { isSound, said } = check(expressions);
    expect(isSound, said).toBe(true);
    expect(said).toContain(`${expressions.length} rules found`);
  });

  it("would be refused without its last bracket", () => {
    const bracketed = expressionsOf(file).filter((expr) => expr.endsWith(")"));
    expect(bracketed.length).toBeGreaterThan(5);
    for (const expr of bracketed.slice(0, 3)) expect(check([expr.slice(0, -1)]).isSound).toBe(false);
  });
});
