import {
  defaultRecipe,
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
  sha256: "0".repeat(64),
};

export function trainSmall() {
  return trainRouter(smallData, smallSectors, {
    ...defaultRecipe,
    corpus: { ...defaultRecipe.corpus, folds: 2 },
    fit: { ...defaultRecipe.fit, maxRows: 3000, minTexts: 1 },
  });
}
