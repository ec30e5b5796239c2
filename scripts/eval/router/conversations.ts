import { routingConversation } from "../../../services/conversation/index.ts";
import { share } from "../statistics.ts";
import type { LiveRouter } from "./live-router.ts";
import { outOfScope, type RouterConversation } from "./router-lines.ts";

/** Where a turn stands: opens, goes on with the subject, comes to another one, or leaves every sector. */
export type TurnPlace = "first" | "stay" | "switch" | "leave";

export interface JudgedTurn {
  readonly place: TurnPlace;
  readonly right: boolean;
}

export interface ConversationFigures {
  readonly conversations: number;
  readonly turns: number;
  readonly right: number | null;
  /** Conversations in which every turn went right. */
  readonly whole: number | null;
  readonly places: readonly { readonly place: TurnPlace; readonly turns: number; readonly right: number | null }[];
}

type PastMessage = Parameters<typeof routingConversation>[0][number];

/** Turn by turn as a session goes: the router is told where it was itself, not where it should have been. */
export function judgeConversation(live: LiveRouter, { turns }: RouterConversation): JudgedTurn[] {
  const history: PastMessage[] = [];
  let subject: string | undefined;
  return turns.map((turn, at) => {
    const { sector } = live(turn.text, routingConversation(history));
    history.push({ role: "user", content: turn.text }, { role: "assistant", content: "", sector });
    const right = sector === (turn.sector === outOfScope ? null : turn.sector);
    const place = at === 0 ? "first" : placeOf(turn.sector, subject);
    // After an aside, coming back to the subject is staying with it.
    if (turn.sector !== outOfScope) subject = turn.sector;
    return { place, right };
  });
}

export function conversationFigures(judged: readonly (readonly JudgedTurn[])[]): ConversationFigures {
  const turns = judged.flat();
  const places = ["first", "stay", "switch", "leave"] as const;
  return {
    conversations: judged.length,
    turns: turns.length,
    right: share(turns, (turn) => turn.right),
    whole: share(judged, (all) => all.every((turn) => turn.right)),
    places: places.map((place) => {
      const of = turns.filter((turn) => turn.place === place);
      return { place, turns: of.length, right: share(of, (turn) => turn.right) };
    }),
  };
}

function placeOf(sector: string, subject: string | undefined): TurnPlace {
  if (sector === outOfScope) return "leave";
  return sector === subject ? "stay" : "switch";
}
