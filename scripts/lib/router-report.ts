import type { RouterWeights } from "../../services/routing/index.ts";
import type { ConversationFigures, RouterFigures } from "../../services/routing/training/index.ts";
import type { BenchmarkFigures } from "./router-benchmark.ts";

export interface RouterReport {
  readonly weights: RouterWeights;
  readonly bytes: number;
  readonly crossValidated: RouterFigures;
  readonly conversation: ConversationFigures;
  readonly benchmark: BenchmarkFigures | undefined;
}

/** docs/eval/router.md. No date and no machine: the same data writes the same page. */
export function routerReport({ weights, bytes, crossValidated, conversation, benchmark }: RouterReport): string {
  const { header } = weights;
  const { training, thresholds } = header;
  return [
    "# The router, cross-validated",
    "",
    "Written by `npm run router:train`; how the model was chosen: decisions [0003](../decisions/0003-router-features.md) and",
    "[0006](../decisions/0006-router-v1.md). Test messages nobody trained on are measured by `npm run eval`: [report.md](report.md).",
    "",
    `- ${header.classes.length - 2} sectors, ${header.rows} n-grams${stemsText(header.stems)}, ${(bytes / 1e6).toFixed(2)} MB; trained on ${training.messages} messages,`,
    `  ${training.outOfScope} out-of-scope messages, ${training.dialogues} dialogues, ${training.conversations} conversations, ${training.sentences} knowledge sentences and ${training.terms} terms`,
    `  (data sha256 \`${training.sha256.slice(0, 16)}…\`).`,
    `- Temperature ${header.temperature}; abstains when out_of_scope + follow_up ≥ ${thresholds.reject} or the best sector < ${thresholds.confidence}.`,
    `- Conversation: stay ×${header.conversation.stay}, decay ${header.conversation.decay} a turn, memory ${header.conversation.memory}, another sector from ${header.conversation.switch} on.`,
    "",
    "Five folds over the training messages, each judged by a model that saw neither it nor its copies. They are written to be all different",
    "and often without the sector's words: a harsh test. Temperature and thresholds were chosen on the same held-out messages.",
    "",
    ...figuresTable(crossValidated),
    "",
    "Precision: right among the in-scope messages that were not rejected. ECE: confidence of the best sector against its being right, ten",
    "bins, out-of-scope messages counted as never right.",
    "",
    "## Conversations",
    "",
    "Turns of held-out conversations and dialogues, as if the turns before had been routed rightly.",
    "",
    `- A turn that goes on with the subject stays in its sector: ${percent(conversation.stays)}`,
    `- A turn that comes to another sector's subject is routed there: ${percent(conversation.switches)}`,
    `- An out-of-scope message inside a conversation is answered by the fallback: ${percent(conversation.rejects)}`,
    "",
    ...(benchmark === undefined
      ? []
      : [
          "## Parliamentary questions (written by others, labelled by ministry; no label was trained on)",
          "",
          `${benchmark.messages} topics with an accepted sector, generic ones left out: top-1 ${percent(benchmark.top1)}, top-3 ${percent(benchmark.top3)};`,
          `the router would have abstained on ${percent(benchmark.abstained)}. The stem vectors were learnt, without labels, from a corpus that holds`,
          "parliamentary questions and answers too, possibly some of these: not an untouched test for them.",
          "",
        ]),
    "## By kind: top-1, for out-of-scope kinds the part rejected",
    "",
    ...kindsTable(crossValidated),
    "",
    "## Most frequent mistakes",
    "",
    "| right | taken for | times |",
    "| --- | --- | ---: |",
    ...crossValidated.confusions.map(({ right, taken, times }) => `| ${right} | ${taken} | ${times} |`),
    "",
  ].join("\n");
}

function stemsText(stems: RouterWeights["header"]["stems"]): string {
  return stems === null ? "" : ` and stem vectors of ${stems.dimensions} dimensions`;
}

function figuresTable(of: RouterFigures): string[] {
  return [
    "| | |",
    "| --- | ---: |",
    `| messages in scope / out of scope | ${of.inScope} / ${of.outOfScope} |`,
    `| top-1 | ${percent(of.top1)} |`,
    `| top-3 | ${percent(of.top3)} |`,
    `| macro-F1 | ${percent(of.macroF1)} |`,
    `| precision when it decides | ${percent(of.precision)} |`,
    `| out of scope rejected | ${percent(of.outOfScopeRejected)} |`,
    `| in scope rejected | ${percent(of.inScopeRejected)} |`,
    `| ECE | ${of.ece.toFixed(3)} |`,
  ];
}

function kindsTable({ kinds }: RouterFigures): string[] {
  return [
    "| kind | messages | |",
    "| --- | ---: | ---: |",
    ...kinds.map(
      ({ kind, scope, messages, right }) =>
        `| ${scope === "in" ? kind : `out of scope: ${kind}`} | ${messages} | ${percent(right)} |`,
    ),
  ];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
