import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadDocuments } from "../../../services/retrieval/load-documents.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { loadSectors, Settings } from "../../../services/settings/index.ts";

const sectors = loadSectors("configs/sectors.yaml").all.map(({ id }) => id);
const documents = loadDocuments("datasets/knowledge", sectors);
const knowledge = createMemoryKnowledge(documents);
const { default: minScore } = Settings.properties.knowledge.properties.minScore as unknown as { default: number };

interface Question {
  readonly sector: string;
  readonly message: string;
  readonly documents: readonly string[];
}

/** Questions of the dialogues that rest on a document; the held-out sixth, which no setting was chosen on. */
const questions = sectors.flatMap((sector) =>
  readFileSync(`datasets/dialogues/${sector}.jsonl`, "utf8")
    .split("\n")
    .filter((line, at) => line !== "" && at % 6 === 5 && /"id": ?"[a-z_]+-g\d+"/.test(line))
    .map((line): Question => {
      const { messages, documents: rests } = JSON.parse(line);
      return { sector, message: messages[0].content, documents: rests };
    }),
);
const search = (message: string, sector: string, limit: number) => knowledge.search(message, { sector, limit });

describe("the sectors' own documents", () => {
  it("are there for every sector", () => {
    expect([...new Set(documents.map(({ sector }) => sector))].sort()).toEqual([...sectors].sort());
  });

  it("are among the first two for most held-out questions that rest on them (measured: all)", async () => {
    const hits = await Promise.all(
      questions.map(async ({ sector, message, documents: wanted }) => {
        const found = await search(message, sector, 2);
        return found.some(({ document }) => wanted.includes(document));
      }),
    );
    expect(questions.length).toBeGreaterThan(100);
    expect(hits.filter(Boolean).length / hits.length).toBeGreaterThan(0.97);
  });

  it.each(["Merhaba", "Teşekkürler", "tamam sağ olun, iyi günler", "Günaydın", "selam nasılsın", "Hoşça kalın", "ok"])(
    "are not brought up by %j, whatever the sector",
    async (message) => {
      for (const sector of sectors) {
        const [best] = await search(message, sector, 1);
        expect(best?.score ?? 0, sector).toBeLessThan(minScore);
      }
    },
  );
});
