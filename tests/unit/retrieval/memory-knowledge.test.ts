import { describe, expect, it } from "vitest";
import { createMemoryKnowledge, type KnowledgeDocument } from "../../../services/retrieval/memory-knowledge.ts";

const document = (id: string, title: string, text: string): KnowledgeDocument => ({
  id,
  sector: id.split("-")[0] ?? "",
  title,
  text,
  source: `Kaynak ${id}`,
});

const documents = [
  document(
    "banka-k01",
    "Tüketici kredisinden cayma",
    "On dört gün içinde gerekçe göstermeden sözleşmeden cayabilirsiniz.",
  ),
  document("banka-k02", "Erken ödeme", "Borcun tamamını önceden kapatan tüketiciye faiz indirimi yapılır."),
  document("banka-k03", "Kart aidatı", "Yıllık üyelik ücreti alınmayan bir kart her banka tarafından sunulmalıdır."),
  document("banka-k04", "Hesap kapatma", "Mevduat hesabı yazılı istek üzerine kapatılır."),
  document(
    "enerji-k01",
    "Elektrik kesintisi bildirimi",
    "Planlı kesintiler en az kırk sekiz saat önce duyurulur; arıza hattı 186'dır.",
  ),
  document("enerji-k02", "IŞIK ve sayaç", "Sayacın muayenesi on yılda bir yapılır."),
];
const knowledge = createMemoryKnowledge(documents);
const best = async (query: string, sector: string | null = "banka") =>
  (await knowledge.search(query, { sector, limit: 1 }))[0]?.document;

describe("knowledge in memory", () => {
  it("tells everything about a passage, the best first", async () => {
    const passages = await knowledge.search("tüketici kredisinden cayma, bir de faiz", { sector: "banka", limit: 2 });
    expect(passages.map((passage) => passage.document)).toEqual(["banka-k01", "banka-k02"]);
    expect(passages[0]).toEqual({
      document: "banka-k01",
      title: "Tüketici kredisinden cayma",
      text: "On dört gün içinde gerekçe göstermeden sözleşmeden cayabilirsiniz.",
      source: "Kaynak banka-k01",
      sector: "banka",
      chunk: 0,
      score: expect.any(Number),
    });
    const [first, second] = passages.map(({ score }) => score);
    expect(first).toBeGreaterThan(second ?? 1);
    expect(second).toBeGreaterThan(0);
    expect(first).toBeLessThan(1);
  });

  it.each([
    ["by other endings of the same stem", "Sözleşmelerden caymak istiyorum", "banka-k01"],
    ["without diacritics", "sozlesmeden cayabilir miyim", "banka-k01"],
    ["in capitals with dotted and dotless i", "FAİZ İNDİRİMİ", "banka-k02"],
    ["in ASCII capitals", "FAIZ INDIRIMI", "banka-k02"],
    ["through typos", "sözlşemeden caymka", "banka-k01"],
    ["through a softened consonant and an apostrophe", "KART'ın aidatını kim öder", "banka-k03"],
  ])("finds %s", async (_how, query, expected) => {
    expect(await best(query)).toBe(expected);
  });

  it("folds ı and i as Turkish does, in documents too", async () => {
    expect(await best("ışık", "enerji")).toBe("enerji-k02");
  });

  it("prefers the document whose title says a word that both texts say", async () => {
    const two = createMemoryKnowledge([
      document("a-k1", "Genel", "Kefalet burada bir kez geçer ve başka şeyler de anlatılır."),
      document("a-k2", "Kefalet", "Kefalet burada bir kez geçer ve başka şeyler de anlatılır."),
    ]);
    const found = await two.search("kefalet", { sector: "a", limit: 2 });
    expect(found.map((passage) => passage.document)).toEqual(["a-k2", "a-k1"]);
  });

  it.each(["Merhaba!", "Teşekkür ederim, iyi günler", "tesekkurler", "Selam", "", "?!", "a"])(
    "finds nothing for %j",
    async (query) => {
      expect(await knowledge.search(query, { sector: "banka", limit: 9 })).toEqual([]);
    },
  );

  it("stays within the sector, and searches all where none is named", async () => {
    const inside = await knowledge.search("elektrik kesintisi", { sector: "banka", limit: 9 });
    expect(inside.every(({ sector }) => sector === "banka")).toBe(true);
    expect(await best("elektrik kesintisi", null)).toBe("enerji-k01");
    expect(await knowledge.search("elektrik", { sector: "hukuk", limit: 9 })).toEqual([]);
  });

  it("gives the same answer whatever the order the documents came in", async () => {
    const scope = { sector: null, limit: 9 };
    const turned = createMemoryKnowledge([...documents].reverse());
    for (const query of ["hesabımı kapatmak", "sayaç", "kart borcu ve faiz"])
      expect(await turned.search(query, scope)).toEqual(await knowledge.search(query, scope));
  });

  it("brings no more than asked for", async () => {
    expect(await knowledge.search("banka tüketici hesap kart", { sector: "banka", limit: 1 })).toHaveLength(1);
  });

  it("does not begin once its caller has left", async () => {
    const search = knowledge.search("kart", { sector: "banka", limit: 1 }, AbortSignal.abort());
    await expect(search).rejects.toThrow(/abort/i);
  });

  it("knows nothing without documents", async () => {
    expect(await createMemoryKnowledge([]).search("kart", { sector: null, limit: 1 })).toEqual([]);
  });
});
