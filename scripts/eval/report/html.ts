import { formatFigure, formatGoal, mark } from "../figure.ts";
import { escapeXml } from "../plots/svg.ts";
import type { Plot, Section, Table } from "../section.ts";
import type { Report } from "./report.ts";
import { goalsOf } from "./summary.ts";

const style = `
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; margin: 1rem 0; }
  th, td { padding: .25rem .7rem; border-bottom: 1px solid #8885; text-align: right; }
  th:first-child, td:first-child { text-align: left; }
  .met { color: #2d8659; } .missed { color: #c0392b; }
  figure { margin: 1rem 0; overflow-x: auto; }
  figcaption, ul { color: #888; font-size: 13px; }
  nav a { margin-right: 1rem; }
`;

/** docs/eval/report.html: one file, nothing fetched, no script. */
export function htmlReport(report: Report): string {
  const { met, missed } = goalsOf(report);
  const limit = report.limit === undefined ? [] : [`At most ${report.limit} lines of each input: a trial, no result.`];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>sektor: evaluation</title><style>${style}</style></head><body>`,
    "<h1>Evaluation</h1>",
    list([...report.machine, ...limit]),
    `<p><strong>${met} of ${met + missed.length} goals met.</strong></p>`,
    `<nav>${report.sections.map(({ part, title }) => `<a href="#${part}">${escapeXml(title)}</a>`).join("")}</nav>`,
    ...report.sections.map(sectionHtml),
    ...report.failed.map(
      ({ part, fault }) => `<h2>${part}: not evaluated</h2><p class="missed">${escapeXml(fault)}</p>`,
    ),
    "</body></html>\n",
  ].join("\n");
}

function sectionHtml({ part, title, notes, figures, blocks }: Section): string {
  const rows = figures.map((figure) => {
    const sign = mark(figure);
    const tone = sign === "" ? "" : ` class="${sign === "✓" ? "met" : "missed"}"`;
    const cells = [figure.label, formatFigure(figure), formatGoal(figure)].map((one) => `<td>${escapeXml(one)}</td>`);
    return `<tr>${cells.join("")}<td${tone}>${sign}</td></tr>`;
  });
  return [
    `<h2 id="${part}">${escapeXml(title)}</h2>`,
    list(notes),
    `<table>${head(["figure", "measured", "goal", ""])}<tbody>${rows.join("")}</tbody></table>`,
    ...blocks.map((block) => (block.type === "table" ? tableHtml(block) : plotHtml(block))),
  ].join("\n");
}

function tableHtml({ title, columns, rows, note }: Table): string {
  const body = rows.map((row) => `<tr>${row.map((one) => `<td>${escapeXml(String(one))}</td>`).join("")}</tr>`);
  const below = note === undefined ? "" : `<p>${escapeXml(note)}</p>`;
  return `<h3>${escapeXml(title)}</h3><table>${head(columns)}<tbody>${body.join("")}</tbody></table>${below}`;
}

function plotHtml({ title, svg, note }: Plot): string {
  const caption = note === undefined ? "" : `<figcaption>${escapeXml(note)}</figcaption>`;
  return `<h3>${escapeXml(title)}</h3><figure>${svg}${caption}</figure>`;
}

function head(columns: readonly string[]): string {
  return `<thead><tr>${columns.map((name) => `<th>${escapeXml(name)}</th>`).join("")}</tr></thead>`;
}

function list(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => `<li>${withCode(escapeXml(line))}</li>`).join("")}</ul>`;
}

/** The notes are written for both reports: `name` is code in either. */
function withCode(escaped: string): string {
  return escaped.replace(/`([^`]+)`/g, "<code>$1</code>");
}
