import { describe, expect, it } from "vitest";
import {
  countRejected,
  countServed,
  countWithAndWithout,
  type RefitFigures,
  refusalOf,
} from "../../../services/routing/live/refit-figures.ts";
import { harmless, packedFor, wordRouterOf } from "./parts.ts";

const figures = (part: Partial<RefitFigures>): RefitFigures => ({ ...harmless, ...part });

describe("the guard", () => {
  it("lets a sector pass that costs the others nothing", () => {
    expect(refusalOf(harmless)).toBeUndefined();
  });

  it("allows half a point of the others' unseen messages and no more", () => {
    expect(refusalOf(figures({ others: { messages: 1000, without: 900, with: 895 } }))).toBeUndefined();
    expect(refusalOf(figures({ others: { messages: 1000, without: 900, with: 894 } }))).toMatchObject({
      code: "sector_harms_others",
      status: 422,
      message: expect.stringContaining("0.6 points"),
    });
  });

  it("asks the same of the messages the serving router was trained on", () => {
    expect(refusalOf(figures({ served: { messages: 1000, before: 990, after: 984 } }))).toMatchObject({
      code: "sector_harms_others",
    });
    expect(refusalOf(figures({ served: { messages: 1000, before: 950, after: 990 } }))).toBeUndefined();
  });

  it.each([
    [6, 0, true],
    [6, 1, true],
    [6, 2, false],
    [20, 7, true],
    [20, 8, false],
    [400, 189, true],
    [400, 200, false],
  ])("of %i own examples held back, %i recognised: refused is %s", (messages, recognised, refused) => {
    const refusal = refusalOf(figures({ own: { messages, recognised } }));
    expect(refusal?.code).toBe(refused ? "sector_not_recognised" : undefined);
  });
});

describe("counting", () => {
  const router = wordRouterOf(packedFor(["vets", "legal", "energy"]));
  const message = (text: string, sector: string) => ({ text, sector, kind: "easy" });

  it("tells what the others lose to the new sector", () => {
    const messages = [message("legal", "legal"), message("vets legal", "legal"), message("energy", "legal")];
    // "vets legal" goes to the new sector; without it to choose, the next best wins.
    const counted = countWithAndWithout(router, messages, "vets");
    expect(counted).toEqual({ messages: 3, without: 2, with: 1 });
  });

  it("tells which out-of-scope messages the new sector draws in", () => {
    const messages = ["fıkra", "vets", "legal"].map((text) => message(text, "out_of_scope"));
    expect(countRejected(router, messages, "vets")).toEqual({ messages: 3, without: 2, with: 1 });
  });

  it("follows conversations turn by turn and leaves out-of-scope turns aside", () => {
    const turns = [
      { text: "legal", sector: "legal" },
      { text: "fıkra", sector: "out_of_scope" },
      { text: "energy", sector: "energy" },
    ];
    expect(countServed(router, [message("legal", "legal"), message("x legal", "energy")], [turns])).toBe(3);
  });
});
