import type { BenchmarkFigures } from "../../lib/router-benchmark.ts";
import { type Figure, percent } from "../figure.ts";
import type { Section, Table } from "../section.ts";
import type { RouterSpeed } from "../speed/router-speed.ts";
import { routerSpeedFigures } from "../speed/router-speed-figures.ts";
import { wilson } from "../statistics.ts";
import type { ConversationFigures } from "./conversations.ts";
import type { MessageFigures } from "./message-figures.ts";
import { routerPlots } from "./router-plots.ts";

export interface RouterFindings {
  readonly source: string;
  readonly messages: MessageFigures;
  readonly conversations: ConversationFigures | undefined;
  readonly benchmark: BenchmarkFigures | undefined;
  readonly speed: RouterSpeed;
}

/** Kinds that may stand at most three points below all in-scope messages. */
const robustKinds = ["ascii", "typo", "spoken"];
const dash = (value: number | null): string => (value === null ? "–" : percent(value));

export function routerSection({ source, messages, conversations, benchmark, speed }: RouterFindings): Section {
  return {
    part: "router",
    title: "Router",
    notes: [
      `Messages: ${source}; ${messages.inScope} in scope, ${messages.outOfScope} out of scope. Figures only: no message of a test stands in this report.`,
      "Decisions are those of live traffic (the sectors' thresholds included). top-1 and top-3 look at the ranking, rejected or not; brackets: 95 % interval.",
      "ECE: confidence of the best sector against its being right, ten bins, out-of-scope messages counted as never right.",
      "A kind's goal: at most 3 points below the top-1 of all in-scope messages.",
    ],
    figures: [
      ...messageRows(messages),
      ...(conversations === undefined ? [] : conversationRows(conversations)),
      ...(benchmark === undefined ? [] : benchmarkRows(benchmark)),
      ...routerSpeedFigures(speed),
    ],
    blocks: [
      kindTable(messages),
      sectorTable(messages),
      ...(conversations === undefined ? [] : [conversationTable(conversations)]),
      ...routerPlots(messages),
    ],
    data: { messages, conversations: conversations ?? null, benchmark: benchmark ?? null, speed },
  };
}

function messageRows(of: MessageFigures): Figure[] {
  const goals = {
    top1: { atLeast: 0.93 },
    top3: { atLeast: 0.98 },
    rejected: { atLeast: 0.9 },
    lost: { atMost: 0.04 },
  };
  const inScope = (value: number): Pick<Figure, "value" | "unit" | "interval"> =>
    of.inScope === 0 ? { value: null, unit: "share" } : { value, unit: "share", interval: wilson(value, of.inScope) };
  const foreign: Pick<Figure, "value" | "unit" | "interval"> =
    of.outOfScope === 0
      ? { value: null, unit: "share" }
      : { value: of.outOfScopeRejected, unit: "share", interval: wilson(of.outOfScopeRejected, of.outOfScope) };
  return [
    { id: "top1", label: "top-1", ...inScope(of.top1), goal: goals.top1 },
    { id: "top3", label: "top-3", ...inScope(of.top3), goal: goals.top3 },
    { id: "macro_f1", label: "macro-F1", value: of.macroF1, unit: "share" },
    { id: "served", label: "sent to the right sector, not rejected", value: of.served, unit: "share" },
    ...robustKinds.flatMap((kind) => gapRow(of, kind)),
    { id: "out_of_scope_rejected", label: "out of scope, rejected", ...foreign, goal: goals.rejected },
    { id: "in_scope_rejected", label: "in scope, rejected", ...inScope(of.inScopeRejected), goal: goals.lost },
    { id: "out_of_scope_auc", label: "out of scope, AUC", value: of.auc.foreign, unit: "score" },
    { id: "ece", label: "ECE", value: of.ece, unit: "score", goal: { atMost: 0.04 } },
    { id: "in_scope_ece", label: "ECE, in-scope messages only", value: of.inScopeEce, unit: "score" },
    { id: "error_at_80", label: "error among the surest 80 %", value: of.errorAt80, unit: "share" },
  ];
}

function gapRow(of: MessageFigures, kind: string): Figure[] {
  const found = of.kinds.find((one) => one.kind === kind && one.scope === "in");
  if (found === undefined) return [];
  const value = 100 * (of.top1 - found.right);
  return [{ id: `${kind}_gap`, label: `${kind}: top-1 below all`, value, unit: "points", goal: { atMost: 3 } }];
}

function conversationRows(of: ConversationFigures): Figure[] {
  const places = of.places
    .filter(({ turns }) => turns > 0)
    .map(
      ({ place, right }): Figure => ({
        id: `turns_${place}`,
        label: `conversations: ${placeNames[place]}`,
        value: right,
        unit: "share",
      }),
    );
  return [
    { id: "turns_right", label: "conversations: turns routed rightly", value: of.right, unit: "share" },
    ...places,
    { id: "conversations_whole", label: "conversations right from first to last turn", value: of.whole, unit: "share" },
  ];
}

const placeNames = {
  first: "first turns",
  stay: "turns that stay with the subject",
  switch: "turns to another sector",
  leave: "turns out of scope",
} as const;

function benchmarkRows(of: BenchmarkFigures): Figure[] {
  return [
    { id: "tbmm_top1", label: `parliamentary questions (${of.messages}), top-1`, value: of.top1, unit: "share" },
    { id: "tbmm_top3", label: "parliamentary questions, top-3", value: of.top3, unit: "share" },
    { id: "tbmm_abstained", label: "parliamentary questions, abstained", value: of.abstained, unit: "share" },
  ];
}

function kindTable(of: MessageFigures): Table {
  return {
    type: "table",
    title: "By kind",
    columns: ["kind", "messages", "top-1, or rejected when out of scope", "top-3"],
    rows: of.kinds.map((one) =>
      one.scope === "in"
        ? [one.kind, one.messages, percent(one.right), percent(one.top3)]
        : [`out of scope: ${one.kind}`, one.messages, percent(one.right), ""],
    ),
  };
}

function sectorTable(of: MessageFigures): Table {
  return {
    type: "table",
    title: "By sector",
    columns: ["sector", "messages", "precision", "recall"],
    rows: of.sectors.map((one) => [one.sector, one.messages, dash(one.precision), dash(one.recall)]),
    note: "Live decisions: a rejected message counts against recall, an out-of-scope one that was sent there against precision.",
  };
}

function conversationTable(of: ConversationFigures): Table {
  return {
    type: "table",
    title: `${of.conversations} conversations, ${of.turns} turns`,
    columns: ["turns", "count", "right"],
    rows: of.places.map((one) => [placeNames[one.place], one.turns, dash(one.right)]),
    note: "The router is told the sector it chose itself at earlier turns, as in a session; a wrong turn can spoil the next.",
  };
}
