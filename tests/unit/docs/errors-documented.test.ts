import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { proxyErrors } from "../../../scripts/nginx/proxy-errors.ts";

/**
 * Every code that services/ can throw: literals, literals behind `??`, and the adapter refusals, whose codes are put together; and what nginx answers
 * in front of them.
 */
function thrownCodes(): ReadonlySet<string> {
  const codes = new Set<string>(proxyErrors.map(({ code }) => code));
  for (const file of readdirSync("services", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const source = readFileSync(join("services", file), "utf8");
    for (const [, code] of source.matchAll(/\bcode: (?:[\w.]+ \?\? )?"([a-z][a-z0-9_]*)"/g)) codes.add(String(code));
  }
  const rejections = /type AdapterRejection =([^;]*);/.exec(readFileSync("services/inference/errors.ts", "utf8"))?.[1];
  for (const [, reason] of (rejections ?? "").matchAll(/"([a-z_]+)"/g)) codes.add(`adapter_${reason}`);
  return codes;
}

interface Row {
  readonly code: string;
  readonly cells: readonly string[];
}

function documentedRows(): readonly Row[] {
  return readFileSync("docs/errors.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith('| <a id="'))
    .map((line) => {
      const cells = line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, ""));
      return { code: /`([a-z0-9_]+)`/.exec(cells[0] ?? "")?.[1] ?? line, cells };
    });
}

describe("docs/errors.md", () => {
  const rows = documentedRows();
  const documented = rows.map((row) => row.code);
  const thrown = thrownCodes();

  it("finds the codes in the sources at all", () => {
    expect([...thrown]).toEqual(
      expect.arrayContaining([
        "internal",
        "unknown_sector",
        "adapter_zero_effect",
        "engine_refused",
        "invalid_request",
      ]),
    );
  });

  it("has a row for every code the services throw", () => {
    expect([...thrown].filter((code) => !documented.includes(code)).sort()).toEqual([]);
  });

  it("has no row for a code that nothing throws", () => {
    expect(documented.filter((code) => !thrown.has(code))).toEqual([]);
  });

  it("has one row a code, each with an anchor, a status, a reason and a cure", () => {
    expect(documented).toEqual([...new Set(documented)]);
    for (const { code, cells } of rows) {
      expect(cells, code).toHaveLength(4);
      const [anchor, status, when, cure] = cells;
      expect(anchor).toBe(`<a id="${code}"></a>\`${code}\``);
      expect(status, code).toMatch(/^(–|[45]\d\d)$/);
      expect(when, code).not.toBe("");
      expect(cure, code).not.toBe("");
    }
  });
});
