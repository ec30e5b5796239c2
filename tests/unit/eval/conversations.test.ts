import { describe, expect, it } from "vitest";
import { conversationFigures, judgeConversation } from "../../../scripts/eval/router/conversations.ts";
import type { LiveRouter } from "../../../scripts/eval/router/live-router.ts";
import { createLiveRouter } from "../../../scripts/eval/router/live-router.ts";
import type { Router, RoutingConversation } from "../../../services/routing/index.ts";
import type { Sectors } from "../../../services/settings/index.ts";

const turn = (sector: string, says: string) => ({ text: says, sector });

/** Routes a message to the sector it names, "?" to where the conversation was, anything else nowhere. */
function scripted(seen: (RoutingConversation | undefined)[] = []): LiveRouter {
  return (text, conversation) => {
    seen.push(conversation);
    const sector = text === "?" ? (conversation?.sector ?? null) : text === "nowhere" ? null : text;
    return { sector, ranking: [], confidence: 1, foreign: 0 };
  };
}

describe("a conversation under evaluation", () => {
  it("tells first turns, staying, switching, leaving, and coming back from each other", () => {
    const judged = judgeConversation(scripted(), {
      id: "c",
      turns: [
        turn("legal", "legal"),
        turn("legal", "?"),
        turn("out_of_scope", "nowhere"),
        turn("legal", "?"),
        turn("energy", "legal"),
      ],
    });
    expect(judged).toEqual([
      { place: "first", right: true },
      { place: "stay", right: true },
      { place: "leave", right: true },
      { place: "stay", right: true },
      { place: "switch", right: false },
    ]);
  });

  it("tells the router where it was itself, not where it should have been", () => {
    const seen: (RoutingConversation | undefined)[] = [];
    judgeConversation(scripted(seen), { id: "c", turns: [turn("legal", "energy"), turn("legal", "?")] });
    expect(seen).toEqual([undefined, { sector: "energy", turnsAgo: 1, utterances: ["energy"] }]);
  });

  it("counts turns by place, and conversations without one fault", () => {
    const figures = conversationFigures([
      [
        { place: "first", right: true },
        { place: "stay", right: false },
      ],
      [
        { place: "first", right: true },
        { place: "switch", right: true },
      ],
    ]);
    expect(figures).toMatchObject({ conversations: 2, turns: 4, right: 0.75, whole: 0.5 });
    expect(figures.places).toEqual([
      { place: "first", turns: 2, right: 1 },
      { place: "stay", turns: 1, right: 0 },
      { place: "switch", turns: 1, right: 1 },
      { place: "leave", turns: 0, right: null },
    ]);
  });
});

describe("the live router under evaluation", () => {
  const router: Router = {
    sectors: ["legal", "energy"],
    classify: () => ({
      sector: "legal",
      confidence: 0.5,
      abstained: false,
      kept: false,
      scores: [
        { sector: "legal", confidence: 0.5 },
        { sector: "energy", confidence: 0.2 },
      ],
      outOfScope: 0.1,
      why: [],
    }),
  };
  const sectors = (threshold?: number): Sectors => {
    const legal = { id: "legal", name: { tr: "Hukuk", en: "Legal" }, systemPrompt: "…" };
    const all = [threshold === undefined ? legal : { ...legal, threshold }];
    return { all, byId: (id) => all.find((one) => one.id === id), fallbackSystemPrompt: "…" };
  };

  it("shows the ranking, and as foreign what no sector got", () => {
    const decision = createLiveRouter(router, sectors())("soru");
    expect(decision).toMatchObject({ sector: "legal", ranking: ["legal", "energy"], confidence: 0.5 });
    expect(decision.foreign).toBeCloseTo(0.3);
  });

  it("rejects what a sector's threshold of configs/sectors.yaml rejects, as a chat turn does", () => {
    expect(createLiveRouter(router, sectors(0.6))("soru").sector).toBeNull();
  });
});
