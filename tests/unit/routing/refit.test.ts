import { describe, expect, it } from "vitest";
import { createLinearRouter, encodeWeights } from "../../../services/routing/index.ts";
import { decodeStemVectors } from "../../../services/routing/stem-vectors.ts";
import { chooseConversation } from "../../../services/routing/training/calibrate-conversation.ts";
import { refitRouter } from "../../../services/routing/training/index.ts";
import { createRandom } from "../../../services/routing/training/random.ts";
import { smallData, smallRecipe, smallSectors, smallStemFiles, trainSmall } from "./small-weights.ts";

const files = smallStemFiles();
const stems = decodeStemVectors(files.header, files.bytes);
const trained = trainSmall(stems).weights;

describe("refitting the router", () => {
  it("on the same data gives the weights that training gave", () => {
    const again = refitRouter(trained.header, smallData, smallSectors, smallRecipe, stems);
    expect(encodeWeights(again)["router.bin"]).toEqual(encodeWeights(trained)["router.bin"]);
  });

  it("takes a new sector in and keeps temperature, thresholds and stickiness", () => {
    const texts = [
      "kedim hasta veteriner arıyorum",
      "köpeğime aşı yaptıracağım",
      "kuşum yem yemiyor",
      "veteriner ücreti",
    ];
    const examples = texts.map((text) => ({ text, sector: "veterinary", kind: "easy" }));
    const data = { ...smallData, examples: [...smallData.examples, ...examples] };
    const weights = refitRouter(trained.header, data, [...smallSectors, "veterinary"], smallRecipe, stems);
    const router = createLinearRouter(weights);
    expect(router.sectors).toEqual([...smallSectors, "veterinary"]);
    expect(router.classify("köpeğim için veteriner").scores[0]?.sector).toBe("veterinary");
    expect(router.classify("kredi kartı borcum").sector).toBe("finance_banking");
    for (const kept of ["temperature", "thresholds", "conversation"] as const)
      expect(weights.header[kept]).toEqual(trained.header[kept]);
    expect(weights.header.training.figures).toEqual({});
  });
});

describe("choosing how firmly to stay in a conversation", () => {
  const classes = ["a", "b", "out_of_scope", "follow_up"];
  const logits = (...of: number[]) => Float64Array.from(of);
  const turn = (sector: string, of: Float64Array) => ({ sector, logits: of, earlier: undefined });
  const choose = (turns: Parameters<typeof chooseConversation>[0]) =>
    chooseConversation(turns, [], classes, 1, { decay: 0.7, memory: 0.25 }, createRandom(1));

  it("stays where only staying is asked for", () => {
    const { figures } = choose([[turn("a", logits(9, 0, 0, 0)), turn("a", logits(0, 1.5, 0, 0))]]);
    expect(figures).toEqual({ stays: 1, switches: 0, rejects: 0 });
  });

  it("goes along where every turn brings a new subject", () => {
    const { figures } = choose([
      [turn("a", logits(9, 0, 0, 0)), turn("b", logits(0, 2, 0, 0)), turn("a", logits(2, 0, 0, 0))],
    ]);
    expect(figures.switches).toBe(1);
  });

  it("comes back to the sector after an aside", () => {
    const { figures } = choose([
      [turn("a", logits(9, 0, 0, 0)), turn("out_of_scope", logits(0, 0, 9, 0)), turn("a", logits(1, 0, 0, 3))],
    ]);
    expect(figures).toEqual({ stays: 1, switches: 0, rejects: 1 });
  });
});
