import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAnswerQuestions } from "../../../scripts/eval/answers/answer-questions.ts";
import { spread } from "../../../scripts/eval/json-lines.ts";
import { parseEvalOptions } from "../../../scripts/eval/options.ts";
import { readRouterConversations, readRouterMessages } from "../../../scripts/eval/router/router-lines.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sectors = ["legal", "energy"];

function file(name: string, ...lines: readonly (object | string)[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return path;
}

describe("a file of messages", () => {
  it("is read with its out-of-scope messages, empty lines passed over", () => {
    const path = file("m.jsonl", { text: "a", sector: "legal", kind: "easy" }, "", {
      text: "b",
      sector: "out_of_scope",
      kind: "joke",
      id: 7,
    });
    expect(readRouterMessages([path], sectors)).toEqual([
      { text: "a", sector: "legal", kind: "easy" },
      { text: "b", sector: "out_of_scope", kind: "joke" },
    ]);
  });

  it("is refused with file, line and fault of every bad line, and without their text", () => {
    const path = file(
      "m.jsonl",
      { text: "gizli metin", sector: "cooking", kind: "easy" },
      "{ gizli",
      { text: " ", sector: "legal", kind: "easy" },
      "[1]",
      { text: "gizli metin", sector: "legal" },
    );
    const read = (): unknown => readRouterMessages([path], sectors);
    expect(read).toThrow(`${path}:1: "sector" is none of the sectors and not out_of_scope`);
    expect(read).toThrow(`${path}:2: not JSON`);
    expect(read).toThrow(`${path}:3: "text" must be a non-empty string`);
    expect(read).toThrow(`${path}:4: not a JSON object`);
    expect(read).toThrow(`${path}:5: "kind" must be a non-empty string`);
    expect(read).not.toThrow(/gizli/);
  });

  it("is refused when it is missing, empty, or all out of scope", () => {
    expect(() => readRouterMessages([join(folder, "none.jsonl")], sectors)).toThrow(
      /none\.jsonl: there is no such file/,
    );
    expect(() => readRouterMessages([file("e.jsonl", "")], sectors)).toThrow(/there is not one line in it/);
    const foreign = file("o.jsonl", { text: "a", sector: "out_of_scope", kind: "joke" });
    expect(() => readRouterMessages([foreign], sectors)).toThrow(/every message is out of scope/);
  });
});

describe("a file of conversations", () => {
  it("is refused with the turn that is wrong", () => {
    const path = file("c.jsonl", { id: "c1", turns: [{ text: "a", sector: "legal" }, { text: "b" }] });
    expect(() => readRouterConversations([path], sectors)).toThrow(`${path}:1: "turns"[1]: "sector" is none`);
  });
});

describe("a file of questions", () => {
  const good = { id: "q", sector: "legal", question: "?", must_mention: ["a|b c", "d"], must_not: ["e"] };

  it("is read with the wordings of each fact", () => {
    expect(readAnswerQuestions([file("a.jsonl", good)], sectors)).toEqual([
      {
        id: "q",
        sector: "legal",
        question: "?",
        mustMention: [["a", "b c"], ["d"]],
        mustNot: ["e"],
        documents: undefined,
      },
    ]);
  });

  it("is refused for an id given twice, an empty wording, and a list that is none", () => {
    const path = file(
      "a.jsonl",
      good,
      good,
      { ...good, id: "r", must_mention: ["a|"] },
      { ...good, id: "s", must_not: "e" },
    );
    const read = (): unknown => readAnswerQuestions([path], sectors);
    expect(read).toThrow(`${path}:2: "id" has been given to an earlier line`);
    expect(read).toThrow(`${path}:3: "must_mention" has an empty wording beside a "|"`);
    expect(read).toThrow(`${path}:4: "must_not" must be a list of non-empty strings`);
  });

  it("may be a folder of files", () => {
    file("a.jsonl", good);
    file("b.jsonl", { ...good, id: "r" });
    expect(readAnswerQuestions([folder], sectors).map(({ id }) => id)).toEqual(["q", "r"]);
  });
});

describe("a limit", () => {
  it("takes lines from the whole of a file, not its beginning", () => {
    expect(spread([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4]);
    expect(spread([0, 1], 3)).toEqual([0, 1]);
    expect(spread([0, 1], undefined)).toEqual([0, 1]);
  });
});

describe("the options", () => {
  const parse = (...args: string[]) => parseEvalOptions(["node", "eval", ...args]);

  it("publish only a whole run on the house's own data, unless told where", () => {
    expect(parse()).toMatchObject({
      out: "docs/eval",
      parts: ["router", "answers", "perplexity", "speed"],
      gate: false,
    });
    expect(parse("--only", "speed,router")).toMatchObject({ out: ".sektor/eval", parts: ["router", "speed"] });
    expect(parse("--router", "m.jsonl").out).toBe(".sektor/eval");
    expect(parse("--limit", "5", "--out", "here")).toMatchObject({ out: "here", limit: 5 });
  });
});
