import { createHash } from "node:crypto";
import type { StemVectors } from "../../../services/routing/index.ts";
import {
  defaultRecipe,
  type Recipe,
  type RoutingData,
  type RoutingExample,
  trainRouter,
} from "../../../services/routing/training/index.ts";

export const smallSectors = ["finance_banking", "agriculture", "legal"];

const messages: Readonly<Record<string, readonly string[]>> = {
  finance_banking: [
    "kredi kartı borcum",
    "havale ücreti ne kadar",
    "kredi faizi kaç",
    "banka hesabı açmak istiyorum",
    "kartım kopyalandı",
    "kredi başvurum reddedildi",
  ],
  agriculture: [
    "buğday ekimi ne zaman",
    "traktör bakımı",
    "domates yaprağı sarardı",
    "gübre ne kadar atılır",
    "tarla sulama",
    "inek sütü azaldı",
  ],
  legal: [
    "boşanma davası açmak istiyorum",
    "avukat ücreti",
    "mahkeme celbi geldi",
    "dava dilekçesi nasıl yazılır",
    "icra takibine itiraz",
    "miras davası",
  ],
  out_of_scope: [
    "merhaba nasılsın",
    "bana fıkra anlat",
    "hava nasıl bugün",
    "şiir yaz",
    "iki kere iki kaç",
    "kimsin sen",
  ],
};

/** A few messages a sector: enough for the shape of the answers, trained in a moment. */
export const smallData: RoutingData = {
  examples: Object.entries(messages).flatMap(([sector, texts]) =>
    texts.map((text): RoutingExample => ({ text, sector, kind: "easy" })),
  ),
  dialogues: [
    {
      sector: "legal",
      userTurns: ["Kiracımı çıkarmak için dava açacağım", "Peki ne kadar sürer?"],
      assistantTurns: ["Dava dilekçenizi hazırlayın."],
    },
    {
      sector: "agriculture",
      userTurns: ["Tarlada mantar var", "Peki ne kadar sürer?"],
      assistantTurns: ["İlaçlama yapın."],
    },
    {
      sector: "finance_banking",
      userTurns: ["Kredi çekeceğim", "Hangi belgeler lazım?"],
      assistantTurns: ["Kimlik ve gelir belgesi."],
    },
  ],
  conversations: [
    {
      turns: [
        { text: "Kredi kartımı kaybettim", sector: "finance_banking" },
        { text: "Peki ne kadar sürer?", sector: "finance_banking" },
        { text: "bir de boşanma davası açacağım", sector: "legal" },
        { text: "şiir yazsana", sector: "out_of_scope" },
      ],
    },
    {
      turns: [
        { text: "Traktörüm bozuldu", sector: "agriculture" },
        { text: "Ne kadar tutar?", sector: "agriculture" },
      ],
    },
  ],
  sentences: [{ text: "Buğday ekimi ekim ayında yapılır.", sector: "agriculture" }],
  terms: [{ text: "biçerdöver", sector: "agriculture" }],
  sha256: "0".repeat(64),
};

export const smallRecipe: Recipe = {
  ...defaultRecipe,
  corpus: { ...defaultRecipe.corpus, folds: 2 },
  fit: { ...defaultRecipe.fit, maxRows: 3000, minTexts: 1 },
};

export function trainSmall(stems?: StemVectors, recipe = smallRecipe) {
  return trainRouter(smallData, smallSectors, recipe, undefined, stems);
}

/** Three directions by hand: money, soil, court. "mibzer" stands in no message of `smallData`. */
const directions: Readonly<Record<string, readonly number[]>> = {
  kredi: [90, 0, 10],
  kart: [80, 0, 0],
  havale: [100, 10, 0],
  bugday: [0, 100, 0],
  tarla: [10, 90, 0],
  traktor: [0, 80, 10],
  mibzer: [0, 110, 0],
  dava: [0, 10, 100],
  avukat: [10, 0, 90],
};

/** The two files `stem_vectors.py` would have written. */
export function smallStemFiles(): { header: string; bytes: Uint8Array } {
  const stems = Object.keys(directions);
  const bytes = new Uint8Array(stems.length * 11);
  const view = new DataView(bytes.buffer);
  stems.forEach((word, row) => {
    let hash = 0x811c9dc5;
    for (const letter of word.slice(0, 5)) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    view.setInt32(row * 4, hash, true);
    view.setFloat32((stems.length + row) * 4, 0.05, true);
    bytes.set(directions[word] ?? [], stems.length * 8 + row * 3);
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const header = { schema: "sektor-stems-1", stems: stems.length, dimensions: 3, stemLetters: 5, sha256, licence: "x" };
  return { header: JSON.stringify(header), bytes };
}
