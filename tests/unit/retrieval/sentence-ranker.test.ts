import { describe, expect, it } from "vitest";
import { noMeaning } from "../../../services/retrieval/meaning.ts";
import { createSentenceRanker } from "../../../services/retrieval/sentence-ranker.ts";

const passage =
  "Borçlu ödeme emrine yedi gün içinde itiraz edebilir. İtiraz icra dairesine dilekçeyle bildirilir. Süresinde yapılan itiraz takibi durdurur.";
const ranker = createSentenceRanker(() => 1, noMeaning);
const best = (question: string): string | undefined =>
  ranker.rank(question, passage).toSorted((a, b) => b.probability - a.probability)[0]?.text;

describe("the ranking of a passage's sentences", () => {
  it("keeps their order, and their probabilities sum to one", () => {
    const ranked = ranker.rank("İtiraz nereye yapılır?", passage);
    expect(ranked.map(({ text }) => text).join(" ")).toBe(passage);
    expect(ranked.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  });

  it.each([
    [
      "the words it shares with the question",
      "dilekçeyle mi bildiriliyor",
      "İtiraz icra dairesine dilekçeyle bildirilir.",
    ],
    ["an ending more or less", "takip durur mu", "Süresinde yapılan itiraz takibi durdurur."],
    [
      "a time where a time is asked for",
      "itiraz için ne kadar süre var, kaç gün",
      "Borçlu ödeme emrine yedi gün içinde itiraz edebilir.",
    ],
    ["words typed without diacritics", "DILEKCEYLE BILDIRILIR", "İtiraz icra dairesine dilekçeyle bildirilir."],
  ])("prefers %s", (_why, question, sentence) => {
    expect(best(question)).toBe(sentence);
  });

  it("has nothing to rank in an empty passage", () => {
    expect(ranker.rank("İtiraz?", "  ")).toEqual([]);
  });

  it("finds more agreement the more of the question stands in a text", () => {
    const agreement = (text: string) => ranker.agreement("ödeme emrine itiraz süresi", text);
    expect(agreement("")).toBe(0);
    expect(agreement("Ödeme emrine itiraz")).toBeGreaterThan(agreement("Ödeme yapılır"));
    expect(agreement(passage)).toBeLessThan(1);
  });
});
