import { formatFigure, formatGoal, isMet, mark } from "../figure.ts";
import type { Report } from "./report.ts";

export interface Goals {
  readonly met: number;
  readonly missed: readonly string[];
}

/** Every figure with a goal that was measured. */
export function goalsOf({ sections }: Report): Goals {
  const judged = sections.flatMap(({ part, figures }) =>
    figures.flatMap((figure) => {
      const met = isMet(figure);
      return met === undefined ? [] : [{ name: `${part}.${figure.id}`, met }];
    }),
  );
  const missed = judged.filter((one) => !one.met).map((one) => one.name);
  return { met: judged.length - missed.length, missed };
}

/** The last line of standard output: one JSON object, every figure by part and id, rounded to six digits. */
export function summaryLine(report: Report, folder: string): string {
  const parts = report.sections.map(({ part, figures }) => [
    part,
    Object.fromEntries(figures.map(({ id, value }) => [id, value === null ? null : Number(value.toPrecision(6))])),
  ]);
  return JSON.stringify({
    ok: report.failed.length === 0,
    goals: goalsOf(report),
    ...Object.fromEntries(parts),
    ...(report.failed.length === 0 ? {} : { faults: report.failed }),
    ...(report.limit === undefined ? {} : { limit: report.limit }),
    report: folder,
  });
}

/** The figures as a terminal shows them. */
export function terminalText({ sections, failed }: Report): string {
  return [
    ...sections.flatMap(({ title, figures }) => [
      `\n${title}`,
      ...figures.map((figure) => {
        const goal = formatGoal(figure);
        return `  ${mark(figure) || " "} ${figure.label}: ${formatFigure(figure)}${goal === "" ? "" : `   goal ${goal}`}`;
      }),
    ]),
    ...failed.map(({ part, fault }) => `\n${part} could not be evaluated: ${fault}`),
    "",
  ].join("\n");
}
