import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type SettingSchema, settingsOf } from "../../../scripts/lib/settings-reference.ts";
import { environmentVariables, Settings } from "../../../services/settings/index.ts";

const document = readFileSync("docs/security.md", "utf8");
const sections = document.split(/^###? /m).slice(1);
const rowsOf = (section: string) =>
  section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("|---"))
    .slice(1)
    .map((line) => line.split(/(?<!\\) \| /).map((cell) => cell.replace(/^\| | \|$/g, "")));

const boundaries = sections.slice(sections.findIndex((section) => section.startsWith("Boundaries")) + 1, -1);
const threats = boundaries.flatMap(rowsOf);

describe("docs/security.md", () => {
  it("names only files and folders that are there", () => {
    const named = [
      ...document.matchAll(/`((?:services|tests|nginx|scripts|deploy|monitoring|docs|\.github)\/[\w./-]+)`/g),
    ];
    const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(path));
    expect(named.length).toBeGreaterThan(60);
    expect(missing).toEqual([]);
  });

  it("quotes promises that stand in the tests it names, word for word", () => {
    const quoted = [...document.matchAll(/`(tests\/[\w./-]+)` “([^”]+)”/g)];
    const broken = quoted.flatMap(([, path = "", promise = ""]) =>
      readFileSync(path, "utf8").includes(promise) ? [] : [`${path}: ${promise}`],
    );
    expect(quoted.length).toBeGreaterThan(50);
    expect(broken).toEqual([]);
  });

  it("answers every threat with a file, a setting, or the word that it is open", () => {
    expect(threats.length).toBeGreaterThan(60);
    for (const [kind, threat, answer] of threats) {
      expect(kind, threat).toMatch(/^[STRIDE]$/);
      expect(answer, threat).toMatch(/`[\w.]+\/[\w./-]+`|`[a-z]+\.[a-zA-Z.]+|SEKTOR_|\*\*open\*\*/);
    }
  });

  it("looks at every boundary that the platform has", () => {
    const titles = boundaries.map((section) => section.split("\n")[0]);
    for (const word of [
      "nginx",
      "infer",
      "RunPod",
      "Webhooks",
      "Uploads",
      "Documents",
      "Voice",
      "Logs",
      "Metrics",
      "backups",
    ])
      expect(titles.join("\n")).toContain(word);
  });

  it("names settings and variables that exist, and no others", () => {
    const variables = [...document.matchAll(/\b(SEKTOR_[A-Z0-9_]+)/g)].map(([, name = ""]) => name);
    expect(variables.filter((name) => !(name in environmentVariables))).toEqual([]);
    const settings = settingsOf(Settings as SettingSchema).map(([path]) => path);
    const sectionNames = [...new Set(settings.map((path) => path.split(".")[0]))].join("|");
    const named = [...document.matchAll(new RegExp(`\`((?:${sectionNames})(?:\\.[a-zA-Z]+)+)`, "g"))].map(
      ([, path]) => path,
    );
    expect(named.length).toBeGreaterThan(4);
    for (const path of named.filter((path) => path !== "requests.message")) expect(settings).toContain(path);
  });

  it("says of every line of the checklist how it is set and how it is verified", () => {
    const checklist = rowsOf(sections.find((section) => section.startsWith("Hardening checklist")) ?? "");
    expect(checklist.length).toBeGreaterThan(12);
    for (const cells of checklist) {
      expect(cells).toHaveLength(3);
      for (const cell of cells) expect(cell).toMatch(/\S{2}/);
    }
  });
});
