import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMet } from "../figure.ts";
import { htmlReport } from "./html.ts";
import { markdownReport } from "./markdown.ts";
import type { Report } from "./report.ts";
import { goalsOf } from "./summary.ts";

/** report.md, report.html, report.json and plots/*.svg; what was there under these names is replaced. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(join(folder, "plots"), { recursive: true });
  for (const { blocks } of report.sections)
    for (const block of blocks)
      if (block.type === "plot") writeFileSync(join(folder, "plots", `${block.name}.svg`), `${block.svg}\n`);
  writeFileSync(join(folder, "report.md"), markdownReport(report));
  writeFileSync(join(folder, "report.html"), htmlReport(report));
  writeFileSync(join(folder, "report.json"), `${JSON.stringify(jsonReport(report), null, 1)}\n`);
}

/** Numbers rounded to six digits: more would only make two runs look different. */
function jsonReport(report: Report): unknown {
  const rounded = (value: unknown): unknown => {
    if (typeof value === "number") return Number(value.toPrecision(6));
    if (Array.isArray(value)) return value.map(rounded);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rounded(one)]));
  };
  return rounded({
    schema: 1,
    machine: report.machine,
    ...(report.limit === undefined ? {} : { limit: report.limit }),
    goals: goalsOf(report),
    parts: Object.fromEntries(
      report.sections.map(({ part, figures, data }) => [
        part,
        { figures: figures.map((figure) => ({ ...figure, met: isMet(figure) ?? null })), ...data },
      ]),
    ),
    failed: report.failed,
  });
}
