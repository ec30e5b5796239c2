import { colours, line, pale, rect, svg, text } from "../../scripts/eval/plots/svg.ts";
import type { TurnMetrics } from "../../services/voice/events/index.ts";
import { median } from "./statistics.ts";

const left = 90;
const width = 700;
const top = 74;
const rowHeight = 18;

/** The steps from the end of speech to the first sound, each at the moment it is done. */
const steps = [
  { name: "sessizlik beklenir", at: (turn: TurnMetrics) => turn.silence_ms, fill: pale },
  { name: "yazıya döküm", at: (turn: TurnMetrics) => turn.transcript_ms, fill: colours[0] },
  { name: "yönlendirme ve belge", at: (turn: TurnMetrics) => turn.routed_ms, fill: colours[1] },
  { name: "ilk sözcük", at: (turn: TurnMetrics) => turn.first_token_ms, fill: colours[2] },
  { name: "ilk ses", at: (turn: TurnMetrics) => turn.first_audio_ms, fill: colours[3] },
] as const;

/** Measured turns as a waterfall, one row each under their median: where the time between speech and reply goes. SVG. */
export function drawWaterfall(turns: readonly TurnMetrics[], title: string): string {
  const rows = [
    { name: "ortanca", ends: steps.map(({ at }) => median(turns.map((turn) => at(turn) ?? 0))) },
    ...turns.map((turn, number) => ({ name: `konuşma ${number + 1}`, ends: steps.map(({ at }) => at(turn) ?? 0) })),
  ];
  const longest = Math.max(1, ...rows.flatMap(({ ends }) => ends));
  const stepMs = longest > 2000 ? 500 : 100;
  const x = (ms: number): number => left + (width * ms) / longest;
  const height = top + rows.length * rowHeight + 30;
  const marks = Array.from({ length: Math.floor(longest / stepMs) + 1 }, (_, at) => at * stepMs);
  return svg(left + width + 60, height, title, [
    text(12, 22, title, { size: 14 }),
    ...steps.flatMap(({ name, fill }, at) => [
      rect(left + at * 140, 36, 10, 10, fill),
      text(left + at * 140 + 15, 45, name),
    ]),
    ...marks.flatMap((ms) => [
      line(x(ms), top - 6, x(ms), height - 26, pale),
      text(x(ms), height - 10, `${ms} ms`, { anchor: "middle", size: 10 }),
    ]),
    ...rows.flatMap(({ name, ends }, row) => {
      const y = top + row * rowHeight;
      return [
        text(left - 8, y + 11, name, { anchor: "end" }),
        ...steps.map(({ fill, name: step }, at) => {
          const from = at === 0 ? 0 : (ends[at - 1] ?? 0);
          const to = Math.max(from, ends[at] ?? 0);
          return rect(x(from), y, x(to) - x(from), rowHeight - 4, fill, `${step}: ${Math.round(to - from)} ms`);
        }),
        text(x(Math.max(...ends)) + 5, y + 11, `${Math.round(Math.max(...ends))}`, { size: 10 }),
      ];
    }),
  ]);
}
