import { describe, expect, it } from "vitest";
import { quotedAnswers } from "../../../services/conversation/quoted-answer.ts";
import { createQuoting } from "../../../services/conversation/quoting.ts";
import type { SentenceRanker } from "../../../services/retrieval/sentence-ranker.ts";
import { splitSentences } from "../../../services/retrieval/sentences.ts";

/** Ranks by probabilities written down beside the sentences; the rest shares what is left. */
const rankerWith = (probabilities: Readonly<Record<string, number>>): SentenceRanker => ({
  rank: (_question, passage) =>
    splitSentences(passage).map((text) => ({ text, probability: probabilities[text] ?? 0.01 })),
  agreement: () => 0.9,
});
const passage = (text: string, score = 0.9) => ({ title: "Başlık", text, score });
const text = "Birinci cümle. İkinci cümle. Üçüncü cümle.";

describe("the texts a reply may quote", () => {
  it("are the one sentence that surely answers, with the passage's number before its full stop", () => {
    const ranker = rankerWith({ "İkinci cümle.": 0.97 });
    expect(quotedAnswers("soru", [passage(text)], ranker)).toEqual(["İkinci cümle [1]."]);
  });

  it("are a shorter and a longer quote in the passage's order where one sentence is not sure enough", () => {
    const ranker = rankerWith({ "Üçüncü cümle.": 0.86, "Birinci cümle.": 0.12 });
    expect(quotedAnswers("soru", [passage(text)], ranker)).toEqual([
      "Üçüncü cümle [1].",
      "Birinci cümle. Üçüncü cümle [1].",
    ]);
  });

  it("come from the passage that agrees best, under its own number", () => {
    const ranker = rankerWith({ "Doğru yanıt.": 0.97 });
    const answers = quotedAnswers("soru", [passage(text, 0.3), passage("Doğru yanıt.", 0.9)], ranker);
    expect(answers).toEqual(["Doğru yanıt [2]."]);
  });

  it("include refusals where no passage agrees clearly, and none where one does", () => {
    const ranker = rankerWith({ "İkinci cümle.": 0.97 });
    const refusals = (...scores: readonly number[]) =>
      quotedAnswers(
        "soru",
        scores.map((score) => passage(text, score)),
        ranker,
      ).filter((answer) => !answer.includes("["));
    expect(refusals(0.95, 0.2)).toEqual([]);
    expect(refusals(0.19, 0.18).length).toBe(3);
  });

  it("end in a full stop even where the passage does not, and stay a bounded length", () => {
    const endless = "kelime ".repeat(2000).trim();
    const [only = ""] = quotedAnswers("soru", [passage(endless)], rankerWith({ [endless]: 1 }));
    expect(only).toMatch(/ \[1\]\.{1,3}$|… \[1\]|\[1\]…$/);
    expect(only.length).toBeLessThan(1000);
  });

  it("are none where no passage says anything", () => {
    expect(quotedAnswers("soru", [passage(" ")], rankerWith({}))).toEqual([]);
  });
});

describe("whether a reply is quoted", () => {
  const quoting = (answers: "auto" | "quoted" | "free", parameters: number | null) =>
    createQuoting({
      ranker: rankerWith({ "İkinci cümle.": 0.97 }),
      adapters: { status: async () => ({ base: { parameters } }) as never },
      answers,
    });
  const quotes = async (answers: "auto" | "quoted" | "free", parameters: number | null, question = "soru nedir") =>
    (await quoting(answers, parameters)(question, [passage(text)])).length > 0;

  it.each([
    ["auto", 7e6, true],
    ["auto", 8e9, false],
    ["auto", null, false],
    ["quoted", 8e9, true],
    ["free", 7e6, false],
  ] as const)("knowledge.answers %s with a base of %s parameters: %s", async (answers, parameters, expected) => {
    expect(await quotes(answers, parameters)).toBe(expected);
  });

  it("never is in answer to thanks, nor without passages", async () => {
    expect(await quotes("quoted", 7e6, "Çok teşekkürler")).toBe(false);
    expect(await quoting("quoted", 7e6)("soru", [])).toEqual([]);
  });
});
