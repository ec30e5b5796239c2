import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { augment } from "../../../services/routing/training/augment.ts";
import { measure, RoutingDataError, readExamples, readTrainingData } from "../../../services/routing/training/index.ts";
import { createRandom } from "../../../services/routing/training/random.ts";

const sectors = ["legal", "energy"];

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "routing-data-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

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

  it("never trains on a text of the test split or on every sixth dialogue", () => {
    const dialogue = (text: string) => JSON.stringify({ id: "x", messages: [{ role: "user", content: text }] });
    const data = readTrainingData(
      {
        train: folderOf({ "a.jsonl": [line("Dava açtım.", "legal"), line("panel", "energy")].join("\n") }),
        test: folderOf({ "a.jsonl": line("dava AÇTIM", "legal") }),
        dialogues: folderOf({
          "legal.jsonl": ["0", "1", "2", "3", "4", "5", "6"].map((n) => dialogue(`soru ${n}`)).join("\n"),
        }),
      },
      sectors,
    );
    expect(data.examples.map((example) => example.text)).toEqual(["panel"]);
    expect(data.dialogues.map((one) => one.userTurns[0])).toEqual([
      "soru 0",
      "soru 1",
      "soru 2",
      "soru 3",
      "soru 4",
      "soru 6",
    ]);
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
