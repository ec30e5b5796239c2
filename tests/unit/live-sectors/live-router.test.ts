import { describe, expect, it } from "vitest";
import { createLiveRouter, withoutSectors } from "../../../services/routing/live/live-router.ts";
import { packedFor, wordRouterOf } from "./parts.ts";

const old = wordRouterOf(packedFor(["legal"]));
const grown = wordRouterOf(packedFor(["vets", "legal"]));

describe("a live router", () => {
  it("answers with the new router from the swap on", () => {
    const router = createLiveRouter(old);
    expect(router.classify("vets").sector).toBeNull();
    router.swap(grown);
    expect(router.classify("vets").sector).toBe("vets");
    expect(router.sectors).toEqual(["vets", "legal"]);
  });

  it("sends nobody to a hidden sector, and names it nowhere", () => {
    const router = createLiveRouter(old);
    router.swap(grown, new Set(["vets"]));
    const decision = router.classify("vets");
    expect(decision).toMatchObject({ sector: null, abstained: true });
    expect(decision.scores.map(({ sector }) => sector)).toEqual(["legal"]);
    expect(router.sectors).toEqual(["legal"]);
    expect(router.classify("legal").sector).toBe("legal");
  });

  it("leans towards no conversation in a hidden sector", () => {
    const asked: unknown[] = [];
    const classify = (text: string, options = {}) => {
      asked.push(options);
      return grown.classify(text);
    };
    const router = withoutSectors({ ...grown, classify }, new Set(["vets"]));
    router.classify("peki", { conversation: { sector: "vets" }, why: true });
    router.classify("peki", { conversation: { sector: "legal" } });
    expect(asked).toEqual([{ why: true }, { conversation: { sector: "legal" } }]);
  });
});
