import { describe, expect, it } from "vitest";
import { answerFigures } from "../../../scripts/eval/answers/answer-figures.ts";
import type { AnswerQuestion } from "../../../scripts/eval/answers/answer-questions.ts";
import type { ChatAnswer } from "../../../scripts/eval/answers/chat-client.ts";
import { judgeAnswer, type Verdict } from "../../../scripts/eval/answers/judge-answer.ts";
import { rightDocuments } from "../../../scripts/eval/answers/knowledge-documents.ts";

const question: AnswerQuestion = {
  id: "q1",
  sector: "legal",
  question: "Süre nedir?",
  mustMention: [["bir ay", "1 ay"], ["arabulucu"]],
  mustNot: ["üç ay"],
  documents: undefined,
};
const answer = (text: string, documents: readonly string[] = []): ChatAnswer => ({
  text,
  sources: documents.map((document) => ({ document })),
  firstMs: 40,
  tokens: 12,
});

describe("the verdict on an answer", () => {
  it("counts facts, claims and words, and knows which source was right and cited", () => {
    const said = judgeAnswer(
      question,
      answer("Önce arabulucuya gidilir [2], süre üç aydır.", ["k1", "k2"]),
      new Set(["k2"]),
    );
    expect(said).toMatchObject({
      facts: 1,
      of: 2,
      claims: 1,
      empty: false,
      turkish: true,
      repetitive: false,
      words: 7,
    });
    expect(said).toMatchObject({ sources: 2, found: true, foundCited: true, cites: true, citesNothing: false });
  });

  it("sees a right source that was not cited, and a mark for which there is no source", () => {
    const said = judgeAnswer(question, answer("Süre bir aydır [3].", ["k2", "k1"]), new Set(["k2"]));
    expect(said).toMatchObject({ found: true, foundCited: false, cites: false, citesNothing: true });
  });

  it("says nothing of the sources where the right document is not known", () => {
    expect(judgeAnswer(question, answer("Süre bir aydır."), undefined)).toMatchObject({ found: undefined });
  });

  it("takes an answer without letter or digit for empty", () => {
    expect(judgeAnswer(question, answer(" …"), undefined)).toMatchObject({ empty: true, words: 0 });
  });
});

describe("the right documents of a question", () => {
  const knowledge = [
    { id: "k1", sector: "legal", text: "Arabulucuya bir ay içinde başvurulur." },
    { id: "k2", sector: "legal", text: "Arabulucu tarafları dinler." },
    { id: "k3", sector: "energy", text: "Arabulucuya bir ay içinde başvurulur." },
  ];

  it("are those of its sector that state all facts", () => {
    expect(rightDocuments(question, knowledge)).toEqual(new Set(["k1"]));
  });

  it("are those its line names, if it names some", () => {
    expect(rightDocuments({ ...question, documents: ["k9"] }, knowledge)).toEqual(new Set(["k9"]));
  });

  it("are unknown where no document states the facts, or none is asked for", () => {
    expect(rightDocuments({ ...question, sector: "media" }, knowledge)).toBeUndefined();
    expect(rightDocuments({ ...question, mustMention: [] }, knowledge)).toBeUndefined();
  });
});

describe("the figures of all answers", () => {
  const verdict = (given: Partial<Verdict>): Verdict => ({
    id: "q",
    sector: "legal",
    facts: 0,
    of: 2,
    claims: 0,
    empty: false,
    repetitive: false,
    turkish: true,
    words: 10,
    sources: 2,
    found: true,
    foundCited: false,
    cites: false,
    citesNothing: false,
    firstMs: 100,
    tokens: 20,
    ...given,
  });

  it("are shares of facts, of answers, and of what could be judged", () => {
    const figures = answerFigures([
      verdict({ facts: 2, foundCited: true, cites: true, firstMs: 200 }),
      verdict({ facts: 1, claims: 2, repetitive: true, found: false, words: 30 }),
      verdict({ of: 0, sources: 0, found: undefined, foundCited: undefined, turkish: false }),
      verdict({ empty: true, turkish: false, words: 0, citesNothing: true }),
    ]);
    expect(figures).toMatchObject({
      answers: 4,
      facts: 3 / 6,
      whole: 1 / 3,
      claims: 2,
      withSources: 0.75,
      found: 2 / 3,
      foundCited: 1 / 3,
      cites: 1 / 3,
      citesNothing: 0.25,
      repetitive: 1 / 3,
      turkish: 2 / 3,
      empty: 1,
      words: 12.5,
      firstMs: { p50: 100 },
    });
  });

  it("are nothing, not zero, where there is nothing to measure", () => {
    expect(answerFigures([])).toMatchObject({ facts: null, whole: null, found: null, words: null, turkish: null });
  });
});
