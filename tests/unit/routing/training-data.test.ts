import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { augment } from "../../../services/routing/training/augment.ts";
import { measure, RoutingDataError, readExamples, readTrainingData } from "../../../services/routing/training/index.ts";
import { createRandom } from "../../../services/routing/training/random.ts";

const sectors = ["legal", "energy"];

const parent = mkdtempSync(join(tmpdir(), "sektor-routing-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(parent, "data-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function datasetsOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(parent, "datasets-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const dialogue = (id: string, text: string) =>
  JSON.stringify({
    id,
    messages: [
      { role: "user", content: text },
      { role: "assistant", content: "Yanıt [1]." },
    ],
  });

const line = (text: string, sector: string) => JSON.stringify({ text, sector, kind: "easy" });

describe("routing data", () => {
  it("is read in the order of the file names, blank lines skipped", () => {
    const folder = folderOf({
      "b.jsonl": `${line("dava", "legal")}\n\n`,
      "a.jsonl": line("panel", "energy"),
      "notes.md": "not data",
    });
    expect(readExamples(folder, sectors).map((example) => example.text)).toEqual(["panel", "dava"]);
    expect(readExamples(join(folder, "nowhere"), sectors)).toEqual([]);
  });

  it("is refused with every fault at once, each as file:line", () => {
    const folder = folderOf({
      "a.jsonl": [
        line("dava", "legal"),
        "{",
        "[]",
        "3",
        line(" ", "legal"),
        line("x", "astrology"),
        '{"text":"y","sector":"legal"}',
        line("DAVA!", "energy"),
      ].join("\n"),
    });
    const failure = (() => {
      try {
        readExamples(folder, sectors);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(failure).toBeInstanceOf(RoutingDataError);
    const { faults } = failure as RoutingDataError;
    expect(faults.map((fault) => Number(/a\.jsonl:(\d+)/u.exec(fault)?.[1]))).toEqual(
      [2, 4, 3, 5, 6, 7, 8].sort((a, b) => a - b),
    );
  });

  it("leaves every sixth dialogue and the answers without knowledge out, and reads no test split", () => {
    const datasets = datasetsOf({
      "routing/train/a.jsonl": [line("Dava açtım.", "legal"), line("panel", "energy")].join("\n"),
      "routing/test/a.jsonl": line("savcı", "legal"),
      "dialogues/legal.jsonl": ["0", "1", "2", "3", "4", "5", "6"].map((n) => dialogue(`l-00${n}`, n)).join("\n"),
      "dialogues/energy.jsonl": dialogue("energy-n01", "tüp"),
    });
    const data = readTrainingData(datasets, sectors);
    expect(data.examples.map((example) => example.text)).toEqual(["Dava açtım.", "panel"]);
    expect(data.dialogues.map((one) => one.userTurns[0])).toEqual(["tüp", "0", "1", "2", "3", "4", "6"]);
    expect(data.dialogues.map((one) => one.assistantTurns.length)).toEqual([0, 1, 1, 1, 1, 1, 1]);
    expect(data.dialogues[1]?.assistantTurns).toEqual(["Yanıt."]);
  });

  it("takes conversations, knowledge and word lists, and its fingerprint changes with each of them", () => {
    const files = {
      "routing/train/a.jsonl": line("panel", "energy"),
      "routing/conversations/c.jsonl": JSON.stringify({
        id: "c1",
        turns: [
          { text: "dava", sector: "legal" },
          { text: "fıkra", sector: "out_of_scope" },
        ],
      }),
      "knowledge/legal.jsonl": JSON.stringify({ title: "Dava", text: "Birinci cümle. İkinci cümle." }),
      "routing/lexicon/energy.txt": "güneş paneli\n\n inverter \n",
    };
    const data = readTrainingData(datasetsOf(files), sectors);
    expect(data.conversations[0]?.turns.map((turn) => turn.sector)).toEqual(["legal", "out_of_scope"]);
    expect(data.sentences.map((one) => one.text)).toEqual(["Dava", "Birinci cümle.", "İkinci cümle."]);
    expect(data.terms).toEqual([
      { text: "güneş paneli", sector: "energy" },
      { text: "inverter", sector: "energy" },
    ]);
    const fingerprints = Object.keys(files).map(
      (name) => readTrainingData(datasetsOf({ ...files, [name]: "" }), sectors).sha256,
    );
    expect(new Set([data.sha256, ...fingerprints]).size).toBe(fingerprints.length + 1);
  });

  it("names conversations and documents that cannot be used", () => {
    const turn = (sector: string) => JSON.stringify({ id: "c", turns: [{ text: "x", sector }] });
    const conversations = datasetsOf({ "routing/conversations/c.jsonl": `${turn("astrology")}\n${turn("legal")}\n{}` });
    expect(() => readTrainingData(conversations, sectors)).toThrow(RoutingDataError);
    expect(() => readTrainingData(datasetsOf({ "knowledge/legal.jsonl": '{"title":"x"}' }), sectors)).toThrow(
      /legal\.jsonl:1/u,
    );
  });
});

describe("augmentation", () => {
  it("is the same for the same seed and differs from the text", () => {
    const text = "Kredi kartı borcumu yapılandırmak istiyorum lütfen yardım edin";
    for (const copy of ["typo", "shorthand"] as const) {
      expect(augment(text, copy, createRandom(3))).toBe(augment(text, copy, createRandom(3)));
      expect(augment(text, copy, createRandom(3))).not.toBe(augment(text, copy, createRandom(4)));
    }
  });
});

describe("router figures", () => {
  it("count ranking, rejection and calibration as their names say", () => {
    const one = (right: string, ranking: string[], confidence: number, abstained = false) => ({
      right,
      ranking,
      confidence,
      abstained,
      kind: "easy",
    });
    const figures = measure([
      one("legal", ["legal", "energy"], 1),
      one("energy", ["legal", "energy"], 0.5, true),
      one("out_of_scope", ["legal", "energy"], 0, true),
      one("out_of_scope", ["legal", "energy"], 0),
    ]);
    expect(figures).toMatchObject({
      inScope: 2,
      outOfScope: 2,
      top1: 0.5,
      top3: 1,
      precision: 1,
      inScopeRejected: 0.5,
      outOfScopeRejected: 0.5,
    });
    expect(figures.ece).toBeCloseTo(0.5 / 4, 12);
    expect(figures.confusions).toEqual([{ right: "energy", taken: "legal", times: 1 }]);
  });
});
