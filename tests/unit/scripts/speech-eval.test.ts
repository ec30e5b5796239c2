import { describe, expect, test } from "vitest";
import type { Heard } from "../../../scripts/speech/measure.ts";
import { speechReport } from "../../../scripts/speech/report.ts";
import { measureRouting } from "../../../scripts/speech/routing.ts";
import type { Router } from "../../../services/routing/index.ts";
import { editDistance } from "../../../services/speech/index.ts";

describe("the distance between two texts", () => {
  test.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "", 3],
    ["", "abc", 3],
    ["kitap", "kitab", 1],
    ["kitap", "kita", 1],
    ["kitap", "kiitap", 1],
    ["poliçe", "bolice", 2],
  ])("of “%s” and “%s” is %i", (expected, heard, distance) => {
    expect(editDistance([...expected], [...heard])).toBe(distance);
    expect(editDistance([...heard], [...expected])).toBe(distance);
  });
});

function heard(set: string, wrong: number, more: Partial<Heard> = {}): Heard {
  return {
    utterance: { wav: "x.wav", text: "a".repeat(100), set, voice: "tr" },
    transcript: "",
    confidence: 0.9,
    letterErrors: wrong,
    greedyLetterErrors: wrong * 2,
    letters: 100,
    wordErrors: 1,
    greedyWordErrors: 2,
    words: 10,
    realTimeFactor: 0.01,
    greedyRealTimeFactor: 0.005,
    ...more,
  };
}

function reportOf(all: readonly Heard[]): string {
  return speechReport({ heard: all, routing: undefined, modelBytes: 1e6, languageModelBytes: 2e6, processor: "P" });
}

describe("the recogniser's report", () => {
  const sets = [heard("seen", 1), heard("unseen-f5", 2), heard("unseen-steph", 9), heard("unseen-f5/white 20 dB", 4)];

  test("says which held-out voice is worst, and which goals are kept", () => {
    const report = reportOf(sets);
    expect(report).toContain("| letters wrong, worst held-out voice (tr+steph) | ≤ 10 | 9.00 | kept |");
    expect(report).toContain("| letters wrong, held-out voices, mean | ≤ 5 | 5.50 | **missed** |");
    expect(report).toContain("| letters wrong, held-out voices, white noise at 20 dB | ≤ 10 | 4.00 | kept |");
  });

  test("weighs utterances by their length", () => {
    const long = heard("seen", 0, { letters: 300 });
    expect(reportOf([...sets, long])).toContain("voices heard in training | ≤ 3 | 0.25 | kept |");
  });

  test("keeps disturbed speech out of the clean figures", () => {
    expect(reportOf([...sets, heard("unseen-f5/room", 100)])).toContain("| tr+f5 | 1 | 2.00 |");
  });

  test("says that it says nothing about people", () => {
    expect(reportOf(sets)).toContain("It says nothing about people");
  });
});

test("routing is measured on the message as written, on its words, and on what was heard", () => {
  const router: Router = {
    sectors: ["insurance"],
    classify: (text) => ({
      sector: text.includes("kasko") ? "insurance" : null,
      confidence: 1,
      abstained: false,
      kept: false,
      scores: [],
      outOfScope: 0,
      why: [],
    }),
  };
  const message = { wav: "x.wav", text: "kasko", set: "routing", voice: "tr", written: "KASKO!", sector: "insurance" };
  const all = [
    heard("routing", 0, { utterance: message, transcript: "kasko" }),
    heard("routing", 2, { utterance: message, transcript: "kaşık" }),
  ];
  expect(measureRouting(router, all)).toEqual({ messages: 2, fromText: 1, fromSpokenText: 1, fromTranscripts: 0.5 });
});
