import { readLines, textField } from "../json-lines.ts";

export interface AnswerQuestion {
  readonly id: string;
  readonly sector: string;
  readonly question: string;
  /** Facts a right answer states; each a list of wordings of which one is enough. */
  readonly mustMention: readonly (readonly string[])[];
  /** Claims a right answer does not make. */
  readonly mustNot: readonly string[];
  /** Documents the answer stands in, when the line names them. */
  readonly documents: readonly string[] | undefined;
}

/** `{"id","sector","question","must_mention":["a|b"],"must_not":[…],"documents"?:[…]}` lines. @throws {EvalInputError} */
export function readAnswerQuestions(paths: readonly string[], sectors: readonly string[]): AnswerQuestion[] {
  const known = new Set(sectors);
  const seen = new Set<string>();
  return readLines(paths, ({ value }) => {
    const id = textField(value, "id");
    const sector = textField(value, "sector");
    const question = textField(value, "question");
    const mention = textList(value["must_mention"]);
    const mustNot = textList(value["must_not"] ?? []);
    const documents = value["documents"] === undefined ? undefined : textList(value["documents"]);
    if (id === undefined) return '"id" must be a non-empty string';
    if (seen.has(id)) return '"id" has been given to an earlier line';
    if (sector === undefined || !known.has(sector)) return '"sector" is none of the sectors';
    if (question === undefined) return '"question" must be a non-empty string';
    if (mention === null) return '"must_mention" must be a list of non-empty strings';
    if (mustNot === null) return '"must_not" must be a list of non-empty strings';
    if (documents === null) return '"documents" must be a list of non-empty strings';
    const mustMention = mention.map((fact) => fact.split("|").map((wording) => wording.trim()));
    if (mustMention.flat().includes("")) return '"must_mention" has an empty wording beside a "|"';
    seen.add(id);
    return { id, sector, question, mustMention, mustNot, documents };
  });
}

/** Null: it is no list of non-empty strings. */
function textList(value: unknown): readonly string[] | null {
  const fits = Array.isArray(value) && value.every((one) => typeof one === "string" && one.trim() !== "");
  return fits ? (value as string[]) : null;
}
