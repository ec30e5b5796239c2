import type { AnswerWords } from "../../../services/retrieval/answer-words.ts";
import type { Judged, Weights } from "./fit-knowledge.ts";
import type { Judgement } from "./judge-choices.ts";
import type { QuoteFigures, QuoteGroups } from "./measure-quotes.ts";

export interface FitFindings {
  readonly weights: Weights;
  readonly answerWords: AnswerWords;
  /** Size of answer-words.json. */
  readonly bytes: number;
  readonly chosenOn: Judged;
  readonly heldOut: Judged;
  readonly quotes: QuoteGroups;
}

/** Markdown for docs/eval/knowledge.md. */
export function fitReport({ weights, answerWords, bytes, chosenOn, heldOut, quotes }: FitFindings): string {
  const { agreement, ...nearness } = weights.documents;
  const perAgreement = Object.entries(nearness).map(([name, weight]) => `${name} ${(weight / agreement).toFixed(2)}`);
  const sentences = Object.entries(weights.sentences).map(([name, weight]) => `${name} ${weight.toFixed(2)}`);
  const { share, draws } = answerWords;
  return [
    `sentenceWeights: ${sentences.join(", ")}`,
    `nearnessWeights (per agreement, ${agreement.toFixed(2)}): ${perAgreement.join(", ")}`,
    `answer words: ${draws.size} words of answers, ${share.size} of questions, ${Math.round(bytes / 1024)} KiB`,
    "",
    "| the right document | questions | first | among the first two | surprise |",
    "|---|--:|--:|--:|--:|",
    judgementRow("cross-validated, by words alone", chosenOn.byWords, 2),
    judgementRow("**cross-validated**", chosenOn.documents, 2),
    judgementRow("held out, by words alone", heldOut.byWords, 2),
    judgementRow("**held out**", heldOut.documents, 2),
    "",
    "| the answer's sentences | questions | in the first | in the first two | in the first three | surprise |",
    "|---|--:|--:|--:|--:|--:|",
    judgementRow("cross-validated", chosenOn.sentences, 3),
    judgementRow("held out", heldOut.sentences, 3),
    "",
    "| quotes, with the weights in the code | questions | right | wrong | right, in doubt | wrong, in doubt | shorter: of the answer | words | longer: of the answer | words |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    quoteRow("cross-validated", quotes.learnt),
    quoteRow("**held out**", quotes.heldOut),
    quoteRow("`-n` lines", quotes.unanswered),
  ].join("\n");
}

function judgementRow(name: string, { count, among, surprise }: Judgement, columns: number): string {
  const figures = [...among.slice(0, columns), surprise].map((figure) => figure.toFixed(3));
  return `| ${[name, count, ...figures].join(" | ")} |`;
}

function quoteRow(name: string, of: QuoteFigures): string {
  const shares = [of.right, of.wrong, of.rightInDoubt, of.wrongInDoubt].map((share) => share.toFixed(3));
  const lengths = [of.shorter, of.longer].flatMap(({ held, words }) => [held.toFixed(3), words.toFixed(1)]);
  return `| ${[name, of.questions, ...shares, ...lengths].join(" | ")} |`;
}
