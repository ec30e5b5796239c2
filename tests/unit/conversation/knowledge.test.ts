import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { citedNumbers, withCitations } from "../../../services/conversation/citations.ts";
import { isCourtesy } from "../../../services/conversation/courtesy.ts";
import { fitPassages } from "../../../services/conversation/fit-passages.ts";
import { createGroundPrompt, type GroundingQuestion } from "../../../services/conversation/ground-prompt.ts";
import { knowledgePrompt } from "../../../services/conversation/knowledge-prompt.ts";
import type { EngineStatus } from "../../../services/inference/index.ts";
import type { Passage } from "../../../services/retrieval/index.ts";

const golden = JSON.parse(readFileSync("tests/fixtures/knowledge-prompt.json", "utf8"));
const never = new AbortController().signal;
const passage = (document: string, score: number, text = `${document} metni.`): Passage => ({
  document,
  title: `Başlık ${document}`,
  text,
  source: "Kanun",
  sector: "legal",
  chunk: 0,
  score,
});

describe("the system message with passages", () => {
  it("is, character by character, what the adapters are trained on", () => {
    expect(knowledgePrompt(golden.system_prompt, golden.passages)).toBe(golden.expected);
  });

  it("opens with the sentence that the training writes", () => {
    const [instruction] = golden.expected.slice(golden.system_prompt.length).trim().split("\n");
    expect(readFileSync("training/sektor_training/knowledge.py", "utf8")).toContain(`"${instruction}"`);
  });

  it("stays as it was without passages", () => {
    expect(knowledgePrompt("Sen bir asistansın.", [])).toBe("Sen bir asistansın.");
  });

  it("shows a passage without a title as its text alone", () => {
    expect(knowledgePrompt("S", [{ text: "yalnız metin" }, { title: "", text: "öbürü" }])).toMatch(
      /\n\[1\] yalnız metin\n\[2\] öbürü$/,
    );
  });
});

describe("passages that must leave half of the context free", () => {
  const long = (document: string, words: number) => passage(document, 0.5, "sözcük ".repeat(words).trim());
  const fits = (passages: readonly Passage[], contextSize: number) =>
    knowledgePrompt("S".repeat(100), passages).length <= (contextSize / 2) * 2.5;

  it("all stay while there is room, or while nobody knows how much there is", () => {
    const two = [long("a", 30), long("b", 30)];
    expect(fitPassages("S".repeat(100), two, 1024)).toEqual(two);
    expect(fitPassages("S".repeat(100), [long("a", 3000)], 0)).toHaveLength(1);
  });

  it("first lose the later one, whole", () => {
    const two = [long("a", 80), long("b", 80)];
    expect(fitPassages("S".repeat(100), two, 800)).toEqual([two[0]]);
  });

  it("then the first is cut at a word", () => {
    const [only, ...more] = fitPassages("S".repeat(100), [long("a", 300), long("b", 300)], 800);
    expect(more).toEqual([]);
    expect(only?.text).toMatch(/^(sözcük )+sözcük…$/);
    expect(fits([only as Passage], 800)).toBe(true);
  });

  it("at last there are none", () => {
    expect(fitPassages("S".repeat(100), [long("a", 300)], 200)).toEqual([]);
  });

  it("count what the caller brought along", () => {
    const one = [long("a", 80)];
    expect(fitPassages("S", one, 800, [])).toEqual(one);
    expect(fitPassages("S", one, 800, [{ text: "x".repeat(2000) }])).toEqual([]);
  });
});

describe("citations", () => {
  it.each([
    ["Olur [1].", [1]],
    ["Olur [1][2].", [1, 2]],
    ["Olur [1, 2] ve [12].", [1, 2, 12]],
    ["Dizi[0x1] ya da [a], [123]", []],
    ["Yarım [1", []],
  ])("in %j are %j", (reply, numbers) => {
    expect([...citedNumbers(reply)]).toEqual(numbers);
  });

  it("count the sources from the number the first one has in the prompt", () => {
    const sources = [{ document: "a" }, { document: "b" }];
    expect(withCitations(sources, "Bkz. [2]").map(({ cited }) => cited)).toEqual([false, true]);
    expect(withCitations(sources, "Bkz. [2]", 2).map(({ cited }) => cited)).toEqual([true, false]);
  });
});

describe("courtesy", () => {
  it.each(["Teşekkürler", "Tamam, çok teşekkür ederim!", "TESEKKURLER", "merhaba", "İyi günler", "", "👍"])(
    "is %j",
    (text) => {
      expect(isCourtesy(text)).toBe(true);
    },
  );
  it.each(["Peki ne kadar sürer?", "tamam mı?", "merhaba kredi", "ne zaman"])("is not %j", (text) => {
    expect(isCourtesy(text)).toBe(false);
  });
});

describe("the step that asks the documents", () => {
  function step(answers: Readonly<Record<string, readonly Passage[]>>, options: { passages?: number } = {}) {
    const asked: { query: string; sector: string | null; limit: number }[] = [];
    const searched: object[] = [];
    const groundPrompt = createGroundPrompt({
      knowledge: {
        search: async (query, scope) => {
          asked.push({ query, ...scope });
          return (answers[query] ?? []).slice(0, scope.limit);
        },
      },
      adapters: { status: async () => ({ base: { contextSize: 4096 } }) as unknown as EngineStatus },
      passages: options.passages ?? 2,
      minScore: 0.3,
      onSearched: (facts) => searched.push(facts),
    });
    const ground = (question: Partial<GroundingQuestion>) =>
      groundPrompt(
        { message: "soru", previous: undefined, sector: "legal", systemPrompt: "S", use: "use", ...question },
        never,
      );
    return { ground, asked, searched };
  }
  const [near, close, far] = [passage("a", 0.8), passage("b", 0.4), passage("c", 0.2)];

  it("puts what is close enough into the prompt, and tells what else was found", async () => {
    const { ground, searched } = step({ soru: [near, close, far] }, { passages: 3 });
    const grounding = await ground({ limit: 9 });
    expect(grounding.used).toEqual([near, close]);
    expect(grounding.found).toEqual([near, close, far]);
    expect(grounding.systemPrompt).toBe(knowledgePrompt("S", [near, close]));
    expect(searched).toEqual([{ sector: "legal", found: true }]);
  });

  it("uses none where the best is too far off, and a companion only when it is half as close as the best", async () => {
    const { ground, searched } = step({
      uzak: [far],
      soru: [passage("a", 0.9), passage("b", 0.4)],
      zayıf: [passage("a", 0.4), far],
    });
    expect((await ground({ message: "uzak" })).found).toEqual([]);
    expect((await ground({ message: "soru" })).used).toEqual([passage("a", 0.9)]);
    expect((await ground({ message: "zayıf" })).used).toEqual([passage("a", 0.4), far]);
    expect(searched).toEqual([
      { sector: "legal", found: false },
      { sector: "legal", found: true },
      { sector: "legal", found: true },
    ]);
  });

  it("finds as many as wanted and puts as many as allowed into the prompt", async () => {
    const { ground, asked } = step({ soru: [near, close] }, { passages: 1 });
    const grounding = await ground({ limit: 5 });
    expect([grounding.found.length, grounding.used.length]).toEqual([2, 1]);
    await ground({});
    expect(asked.map(({ limit }) => limit)).toEqual([5, 1]);
  });

  it("reads a vague follow-up together with what was said before it, and only a vague one", async () => {
    const { ground, asked } = step({ soru: [near], "önceki soru\npeki ne zaman": [close] });
    expect((await ground({ previous: "önceki soru" })).used).toEqual([near]);
    expect((await ground({ message: "peki ne zaman", previous: "önceki soru" })).used).toEqual([close]);
    expect(asked.map(({ query }) => query)).toEqual(["soru", "peki ne zaman", "önceki soru\npeki ne zaman"]);
  });

  it("asks nothing for thanks, though there was a question before", async () => {
    const { ground, asked } = step({ "önceki soru\nteşekkürler": [close] });
    expect((await ground({ message: "teşekkürler", previous: "önceki soru" })).found).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("asks nothing where it is not wanted, where no sector is known, or where no passage may join", async () => {
    const { ground, asked } = step({ soru: [near] });
    const unchanged = { systemPrompt: "S", found: [], used: [], quotes: [] };
    expect(await ground({ use: "ignore" })).toEqual(unchanged);
    expect(await ground({ sector: null })).toEqual(unchanged);
    expect(await step({ soru: [near] }, { passages: 0 }).ground({})).toEqual(unchanged);
    expect(asked).toEqual([]);
  });

  it("asks every sector's documents where the answer may rest on documents only", async () => {
    const { ground, asked } = step({ soru: [near] });
    expect((await ground({ sector: null, use: "only" })).used).toEqual([near]);
    expect(asked[0]?.sector).toBeNull();
  });

  it("puts the caller's own passages first and whole", async () => {
    const { ground } = step({ soru: [near] });
    const given = [{ text: "benim metnim" }];
    expect((await ground({ given })).systemPrompt).toBe(knowledgePrompt("S", [...given, near]));
    expect((await ground({ given, use: "ignore" })).systemPrompt).toBe(knowledgePrompt("S", given));
  });
});
