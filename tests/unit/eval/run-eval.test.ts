import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function evaluate(lines: readonly string[], ...args: readonly string[]) {
  const file = join(folder, "messages.jsonl");
  writeFileSync(file, lines.join("\n"));
  const out = join(folder, "report");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/eval.ts", "--only", "router", "--router", file, "--limit", "9", "--out", out, ...args],
    { encoding: "utf8", timeout: 60_000 },
  );
  return { status, stderr, file, out, last: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

const line = (text: string, sector: string, kind: string) => JSON.stringify({ text, sector, kind });
const loan = "Kredi kartı borcumu yapılandırmak istiyorum.";
const messages = [
  line(loan, "finance_banking", "easy"),
  line("Mahallemizde elektrik kesildi, ne zaman gelir?", "energy_distribution", "easy"),
  // Wrong on purpose: the router must be found to miss it.
  line("Domates fidelerimin yaprakları sarardı, toprak analizi gerekir mi?", "legal", "easy"),
  line("asdkjh qweoiu zxcmnb", "out_of_scope", "noise"),
];

describe("npm run eval", { timeout: 90_000 }, () => {
  it("measures a router on someone's own messages, shows none of them, and ends in one line of JSON", () => {
    const { status, out, last } = evaluate(messages);
    expect(status).toBe(0);
    const summary = JSON.parse(last);
    expect(summary).toMatchObject({ ok: true, report: out, limit: 9 });
    expect(summary.router.top1).toBeCloseTo(2 / 3);
    for (const name of ["report.md", "report.html", "report.json", "plots/router-confusion.svg"])
      expect(existsSync(join(out, name)), name).toBe(true);
    expect(readFileSync(join(out, "report.md"), "utf8")).toContain("| top-1 | 66.7 % ");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8")).parts.router.messages.inScope).toBe(3);
    // Whatever was measured on may be a test that must stay unseen.
    for (const name of ["report.md", "report.html", "report.json"])
      expect(readFileSync(join(out, name), "utf8")).not.toContain(loan);
  });

  it("ends with status 1 for a missed goal only where it is to be the gate", () => {
    expect(evaluate(messages, "--gate").status).toBe(1);
  });

  it("names file, line and fault of a bad input, measures nothing and writes nothing", () => {
    const { status, stderr, file, out } = evaluate([...messages, line("soru", "aşçılık", "easy")]);
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(`${file}:5: "sector" is none of the sectors and not out_of_scope`);
    expect(existsSync(out)).toBe(false);
  });
});
