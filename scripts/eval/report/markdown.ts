import { type Figure, formatFigure, formatGoal, mark } from "../figure.ts";
import type { Plot, Section, Table } from "../section.ts";
import type { Report } from "./report.ts";
import { goalsOf } from "./summary.ts";

/** docs/eval/report.md; pictures lie beside it in plots/. */
export function markdownReport(report: Report): string {
  const { met, missed } = goalsOf(report);
  return [
    "# Evaluation",
    "",
    "Written by `npm run eval`; what each figure means: [README](README.md). The same with pictures in one file: [report.html](report.html).",
    "",
    ...report.machine.map((line) => `- ${line}`),
    ...(report.limit === undefined ? [] : [`- At most ${report.limit} lines of each input: a trial, no result.`]),
    "",
    `**${met} of ${met + missed.length} goals met.**${missed.length === 0 ? "" : ` Missed: ${missed.map((name) => `\`${name}\``).join(", ")}.`}`,
    "",
    ...report.sections.flatMap(sectionLines),
    ...report.failed.flatMap(({ part, fault }) => [`## ${part}: not evaluated`, "", cell(fault), ""]),
  ].join("\n");
}

function sectionLines({ title, notes, figures, blocks }: Section): string[] {
  return [
    `## ${title}`,
    "",
    ...notes.map((note) => `- ${note}`),
    "",
    ...table(["figure", "measured", "goal", ""], figures.map(figureCells)),
    "",
    ...blocks.flatMap((block) => (block.type === "table" ? tableLines(block) : plotLines(block))),
  ];
}

function figureCells(figure: Figure): string[] {
  return [figure.label, formatFigure(figure), formatGoal(figure), mark(figure)];
}

function tableLines({ title, columns, rows, note }: Table): string[] {
  return [`### ${title}`, "", ...table(columns, rows), "", ...(note === undefined ? [] : [note, ""])];
}

function plotLines({ title, name, note }: Plot): string[] {
  return [`### ${title}`, "", `![${title}](plots/${name}.svg)`, "", ...(note === undefined ? [] : [note, ""])];
}

function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((one) => cell(String(one))).join(" | ")} |`;
  return [line(columns), `|${columns.map((_, at) => (at === 0 ? " --- " : " ---: ")).join("|")}|`, ...rows.map(line)];
}

function cell(content: string): string {
  return content.replaceAll("|", "\\|").replaceAll("\n", " ");
}
