import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { environmentVariables, Settings } from "../../../services/settings/index.ts";

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly default?: unknown;
}

/** `http.port` → its schema, for every setting that is not a branch. */
function leaves(node: SchemaNode, path = ""): readonly (readonly [string, SchemaNode])[] {
  if (node.properties === undefined) return [[path, node]];
  return Object.entries(node.properties).flatMap(([name, child]) =>
    leaves(child, path === "" ? name : `${path}.${name}`),
  );
}

const rows = readFileSync("docs/guides/settings.md", "utf8")
  .split("\n")
  .filter((line) => /^\| `[a-z]/.test(line))
  .map((line) => {
    const [, setting = "", variable = "", fallback = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { setting: setting.replaceAll("`", ""), variable: variable.replaceAll("`", ""), fallback };
  });
const settings = leaves(Settings as SchemaNode);

describe("docs/guides/settings.md", () => {
  it("lists every setting there is, and no other, in the schema's order", () => {
    expect(rows.map((row) => row.setting)).toEqual(settings.map(([path]) => path));
  });

  it("names the environment variable of every setting that has one", () => {
    const documented = rows.filter((row) => row.variable !== "").map((row) => [row.variable, row.setting]);
    expect(Object.fromEntries(documented)).toEqual(environmentVariables);
  });

  it("gives the default that the schema gives, where it is a number, a truth value or a word", () => {
    for (const [path, { default: value }] of settings) {
      const written = rows.find((row) => row.setting === path)?.fallback ?? "";
      if (written.startsWith("`")) expect(written, path).toBe(`\`${String(value)}\``);
      else expect(Array.isArray(value) || typeof value === "string", path).toBe(true);
    }
  });
});
