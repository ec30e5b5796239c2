import { type Figure, formatFigure } from "../figure.ts";
import { bars } from "../plots/bars.ts";
import type { Plot, Section, Table } from "../section.ts";
import { type AnswerFigures, answerFigures } from "./answer-figures.ts";
import type { Verdict } from "./judge-answer.ts";

export interface AnswerFindings {
  readonly source: string;
  readonly server: string;
  readonly with: readonly Verdict[];
  /** The same questions without knowledge; undefined: the server has no such field. */
  readonly without: readonly Verdict[] | undefined;
}

export function answersSection(found: AnswerFindings): Section {
  const figures = answerFigures(found.with);
  const without = found.without === undefined ? undefined : answerFigures(found.without);
  return {
    part: "answers",
    title: "Answers",
    notes: [
      `${figures.answers} questions: ${found.source}; ${found.server}; sector forced, temperature 0.`,
      without === undefined
        ? "The server's openapi.json has no `use_knowledge`: asked as it answers by itself, without comparison."
        : "Figures with goals: `use_knowledge` on. The same questions with it off stand beside them.",
      ...(without !== undefined && figures.withSources === 0
        ? ["Not one answer came with sources: this server has no knowledge to use, so both columns ask for the same."]
        : []),
      "A fact counts when one of its wordings is said, whatever the case, the diacritics, and the suffix of its last word. Claims are found the same way, so a denied claim counts too.",
      "Right document: named by the line, else every document of the sector that states all the facts asked for. Repetitive: more than a fifth of the words in repeated sequences of four, or a sentence twice.",
    ],
    figures: figureRows(figures),
    blocks: [...(without === undefined ? [] : [comparison(figures, without)]), bySector(found)],
    data: { with: figures, without: without ?? null, verdicts: found.with },
  };
}

function figureRows(of: AnswerFigures): Figure[] {
  return [
    { id: "facts", label: "facts stated", value: of.facts, unit: "share", goal: { atLeast: 0.7 } },
    { id: "claims", label: "claims that must not be made", value: of.claims, unit: "count", goal: { atMost: 0 } },
    { id: "whole", label: "answers with all their facts", value: of.whole, unit: "share" },
    { id: "with_sources", label: "answers with sources", value: of.withSources, unit: "share" },
    { id: "found", label: "a right document among the sources", value: of.found, unit: "share" },
    { id: "found_cited", label: "a right document cited", value: of.foundCited, unit: "share" },
    { id: "cites", label: "answers with sources that cite one", value: of.cites, unit: "share" },
    { id: "cites_nothing", label: "answers with a mark without source", value: of.citesNothing, unit: "share" },
    { id: "repetitive", label: "repetitive answers", value: of.repetitive, unit: "share", goal: { below: 0.02 } },
    { id: "turkish", label: "answers in Turkish", value: of.turkish, unit: "share", goal: { atLeast: 1 } },
    { id: "empty", label: "empty answers", value: of.empty, unit: "count" },
    { id: "words", label: "mean length", value: of.words, unit: "words" },
    { id: "first_p50_ms", label: "time to the first word, p50", value: of.firstMs.p50, unit: "ms" },
    { id: "first_p95_ms", label: "time to the first word, p95", value: of.firstMs.p95, unit: "ms" },
  ];
}

function comparison(on: AnswerFigures, off: AnswerFigures): Table {
  const other = figureRows(off);
  return {
    type: "table",
    title: "With and without knowledge",
    columns: ["figure", "with", "without"],
    rows: figureRows(on).map((figure, at) => {
      const beside = other[at];
      return [figure.label, formatFigure(figure), beside === undefined ? "" : formatFigure(beside)];
    }),
  };
}

function bySector({ with: on, without }: AnswerFindings): Plot {
  const sectors = [...new Set(on.map((one) => one.sector))];
  const facts = (verdicts: readonly Verdict[]) =>
    sectors.map((sector) => answerFigures(verdicts.filter((one) => one.sector === sector)).facts);
  const svg = bars({
    title: "Facts stated, by sector",
    labels: sectors,
    series: [
      { name: "with knowledge", values: facts(on) },
      ...(without === undefined ? [] : [{ name: "without", values: facts(without) }]),
    ],
    limit: 1,
    format: (value) => `${Math.round(100 * value)} %`,
    goal: 0.7,
  });
  return { type: "plot", name: "answers-facts", title: "Facts by sector", svg };
}
