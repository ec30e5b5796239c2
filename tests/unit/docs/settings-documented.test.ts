import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type SettingSchema, settingsOf, withReference } from "../../../scripts/lib/settings-reference.ts";
import { environmentVariables, Settings } from "../../../services/settings/index.ts";

const schema = Settings as SettingSchema;
const settings = settingsOf(schema);
const document = readFileSync("docs/guides/settings.md", "utf8");
const rows = document
  .split("\n")
  .filter((line) => /^\| `[a-z]/.test(line))
  .map((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, setting = "", variable = "", fallback = "", range = "", meaning = ""] = cells;
    return { setting: setting.replaceAll("`", ""), variable: variable.replaceAll("`", ""), fallback, range, meaning };
  });

describe("docs/guides/settings.md", () => {
  it("is what the schemas say, to the letter", () => {
    const written = withReference(document, schema, environmentVariables);
    expect(document === written, "services/settings has changed: run npm run docs:settings").toBe(true);
  });

  it("lists every setting there is, and no other, in the schema's order", () => {
    expect(rows.map((row) => row.setting)).toEqual(settings.map(([path]) => path));
  });

  it("names the environment variable of every setting that has one", () => {
    const documented = rows
      .filter((row) => row.variable !== "")
      .flatMap((row) => row.variable.split(", ").map((variable) => [variable, row.setting]));
    expect(Object.fromEntries(documented)).toEqual(environmentVariables);
  });

  it("gives the default that the schema gives, where it is a number, a truth value or a word", () => {
    for (const [path, { default: value }] of settings) {
      const written = rows.find((row) => row.setting === path)?.fallback ?? "";
      if (written.startsWith("`")) expect(written, path).toBe(`\`${String(value)}\``);
      else expect(Array.isArray(value) || typeof value === "string", path).toBe(true);
    }
  });

  it("says of every setting what it means, and of every number what may stand there", () => {
    const silent = rows.filter(({ meaning }) => meaning === "").map(({ setting }) => setting);
    expect(silent, "give it a description in services/settings, then run npm run docs:settings").toEqual([]);
    const boundless = rows.filter(({ fallback, range }) => /^`-?\d+(\.\d+)?`$/.test(fallback) && !/\d/.test(range));
    expect(boundless.map(({ setting }) => setting)).toEqual([]);
  });

  it("has a heading that says what it is about for every section", () => {
    for (const [name, { title }] of Object.entries(schema.properties ?? {}))
      expect(title, `${name}: give the section a title in services/settings`).toMatch(/\S/);
  });
});

describe("secrets", () => {
  const secrets = settings.filter(([, { secret }]) => secret === true).map(([path]) => path);

  it("are marked where a setting's name says that it holds one", () => {
    const named = settings.map(([path]) => path).filter((path) => /(token|secret|apiKey|password)$/i.test(path));
    expect(secrets).toEqual(expect.arrayContaining(named));
    expect(named).not.toEqual([]);
  });

  it("can all come from the environment, and none stands in configs/default.yaml", () => {
    const file: unknown = parse(readFileSync("configs/default.yaml", "utf8"));
    for (const path of secrets) {
      expect(Object.values(environmentVariables), path).toContain(path);
      const inFile = path
        .split(".")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], file);
      expect(inFile, path).toBeUndefined();
    }
  });
});
