import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KnowledgeFileError } from "../../../services/retrieval/index.ts";
import { loadDocuments } from "../../../services/retrieval/load-documents.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-knowledge-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const good = (id: string) => ({ id, title: "Başlık", text: "Metin.", source: "Kaynak" });
const write = (file: string, ...lines: readonly (object | string)[]) =>
  writeFileSync(
    join(folder, file),
    `${lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n")}\n`,
  );

describe("the documents of a folder", () => {
  it("carry the sector their file is named after; blank lines and other files do not matter", () => {
    write("legal.jsonl", good("legal-k01"), "", good("legal-k02"));
    write("energy.jsonl", good("energy-k01"));
    write("README.md", "no JSON");
    expect(loadDocuments(folder, ["legal", "energy"])).toEqual([
      { ...good("energy-k01"), sector: "energy" },
      { ...good("legal-k01"), sector: "legal" },
      { ...good("legal-k02"), sector: "legal" },
    ]);
  });

  it("are none where there is no folder", () => {
    expect(loadDocuments(join(folder, "yok"), ["legal"])).toEqual([]);
  });

  it.each([
    ["a line that is no JSON", ["{"], /^legal\.jsonl:2: is not JSON$/],
    ["a missing field", [{ id: "x", title: "t", text: "m" }], /^legal\.jsonl:2: .*source/],
    ["an empty text", [{ ...good("x"), text: "  " }], /^legal\.jsonl:2: \/text /],
    ["a field of another type", [{ ...good("x"), title: 3 }], /^legal\.jsonl:2: \/title /],
    ["a field too many", [{ ...good("x"), tekst: "m" }], /^legal\.jsonl:2: /],
    ["an id that is taken", [good("legal-k01")], /^legal\.jsonl:2: .*"legal-k01" stands in legal\.jsonl:1 already$/],
  ])("refuse %s, naming file and line", (_fault, lines, message) => {
    write("legal.jsonl", good("legal-k01"), ...lines);
    expect(() => loadDocuments(folder, ["legal"])).toThrow(KnowledgeFileError);
    expect(() => loadDocuments(folder, ["legal"])).toThrow(message);
  });

  it("refuse a file of a sector there is not", () => {
    write("leagl.jsonl", good("legal-k01"));
    expect(() => loadDocuments(folder, ["legal"])).toThrow(/^leagl\.jsonl: there is no sector "leagl"$/);
  });
});
