import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { environmentVariables } from "../../../services/settings/index.ts";

const document = readFileSync("docs/operations.md", "utf8");
const sectionOf = (title: string) => document.split(/^## /m).find((section) => section.startsWith(title)) ?? "";

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert?: string; readonly labels?: { severity?: string } }[];
  }[];
}

/** Every event that services/ logs, with the texts of the facts beside it. */
function loggedEvents(): ReadonlyMap<string, string> {
  const events = new Map<string, string>();
  for (const file of readdirSync("services", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const source = readFileSync(join("services", file), "utf8");
    for (const [, facts = "", event = ""] of source.matchAll(
      /\{((?:[^{}]|\{[^{}]*\})*)\},\s*"([a-z]+(?:-[a-z]+)+)",?\s*\)/g,
    )) {
      const id = /\brequest\.log\.\w+\($/.test(source.slice(0, source.indexOf(facts) - 1)) ? " reqId" : "";
      events.set(event, `${events.get(event) ?? ""} ${facts}${id}`);
    }
  }
  return events;
}

describe("docs/operations.md", () => {
  it("leads from every alert to its page, and says which of them wake somebody", () => {
    const files = readdirSync("monitoring/rules").filter((name) => name.endsWith(".yml"));
    const rules = files.flatMap((name) =>
      (parse(readFileSync(join("monitoring/rules", name), "utf8")) as Rules).groups.flatMap((group) => group.rules),
    );
    const rows = sectionOf("When it fires")
      .split("\n")
      .filter((line) => line.startsWith("| ") && line.includes("runbooks/"))
      .map((line) => line.split(" | "));
    for (const { alert, labels } of rules) {
      if (alert === undefined) continue;
      const column = rows.findIndex((cells) =>
        cells[labels?.severity === "page" ? 1 : 2]?.includes(`(runbooks/${alert}.md)`),
      );
      expect(
        column,
        `${alert} (${labels?.severity}): give it its place in docs/operations.md, "When it fires"`,
      ).not.toBe(-1);
    }
    const listed = [...sectionOf("When it fires").matchAll(/runbooks\/(\w+)\.md/g)].map(([, name]) => name);
    expect([...listed].sort()).toEqual(rules.flatMap(({ alert }) => alert ?? []).sort());
  });

  it("lists log events that are logged, with fields that they have", () => {
    const events = loggedEvents();
    const rows = [...sectionOf("What the log says").matchAll(/^\| `([a-z-]+)` \| (.*?) \|/gm)];
    expect(rows.length).toBeGreaterThan(12);
    for (const [, event = "", fields = ""] of rows) {
      const facts = events.get(event);
      expect(facts, event).toBeDefined();
      for (const [, field = ""] of fields.matchAll(/`(\w+)`/g))
        if (field !== "reqId") expect(facts, `${event}: ${field}`).toMatch(new RegExp(`\\b${field}\\b`));
    }
  });

  it("names variables that exist", () => {
    const named = [...document.matchAll(/\b(SEKTOR_[A-Z0-9_]+)/g)].map(([, name = ""]) => name);
    // SEKTOR_… stands for any of them.
    expect(named.filter((name) => name !== "SEKTOR_" && !(name in environmentVariables))).toEqual([]);
  });
});
