import type { RouterWeights } from "../../services/routing/index.ts";
import type { ConversationFigures, RouterFigures } from "../../services/routing/training/index.ts";
import type { BenchmarkFigures } from "./router-benchmark.ts";

export interface RouterReport {
  readonly weights: RouterWeights;
  readonly bytes: number;
  readonly crossValidated: RouterFigures;
  readonly conversation: ConversationFigures;
  readonly test: RouterFigures | undefined;
  readonly benchmark: BenchmarkFigures | undefined;
}

/** docs/eval/router.md. No date and no machine: the same data writes the same page. */
export function routerReport({ weights, bytes, crossValidated, conversation, test, benchmark }: RouterReport): string {
  const { header } = weights;
  const { training, thresholds } = header;
  return [
    "# The router, measured",
    "",
    "Written by `npm run router:train`; how the model was chosen: [decision 0003](../decisions/0003-router-features.md).",
    "",
    `- ${header.classes.length - 2} sectors, ${header.rows} n-grams, ${(bytes / 1e6).toFixed(2)} MB; trained on ${training.messages} messages,`,
    `  ${training.outOfScope} out-of-scope messages and ${training.dialogues} dialogues (data sha256 \`${training.sha256.slice(0, 16)}…\`).`,
    `- Temperature ${header.temperature}; abstains when out_of_scope + follow_up ≥ ${thresholds.reject} or the best sector < ${thresholds.confidence}.`,
    `- Conversation: stay ×${header.conversation.stay}, decay ${header.conversation.decay} a turn, another sector from ${header.conversation.switch} on.`,
    "",
    "**Cross-validated**: five folds over the training messages, each judged by a model that saw neither it nor its copies. The training",
    "messages are written to be all different and often without the sector's words, so this is the pessimistic figure. **Test**: messages",
    "written apart, read only to print this page; no parameter is fitted on them. Their subjects lie close to the training messages'",
    "(decision 0003), so this is the optimistic figure.",
    "",
    ...figuresTable(crossValidated, test),
    "",
    "Precision: right among the in-scope messages that were not rejected. ECE: confidence of the best sector against its being right, ten",
    "bins, out-of-scope messages counted as never right.",
    "",
    "## Conversations (cross-validated)",
    "",
    `- A later turn of a dialogue stays in its sector: ${percent(conversation.stays)}`,
    `- A first message that is routed rightly by itself still is, inside another sector's conversation: ${percent(conversation.switches)}`,
    `- An out-of-scope message inside a conversation is answered by the fallback: ${percent(conversation.rejects)}`,
    "",
    ...(benchmark === undefined
      ? []
      : [
          "## Parliamentary questions (written by others, labelled by ministry, never trained on)",
          "",
          `${benchmark.messages} topics with an accepted sector, generic ones left out: top-1 ${percent(benchmark.top1)}, top-3 ${percent(benchmark.top3)};`,
          `the router would have abstained on ${percent(benchmark.abstained)}.`,
          "",
        ]),
    "## By kind: top-1, for out-of-scope kinds the part rejected",
    "",
    ...kindsTable(crossValidated, test),
    "",
    "## Most frequent mistakes (cross-validated)",
    "",
    "| right | taken for | times |",
    "| --- | --- | ---: |",
    ...crossValidated.confusions.map(({ right, taken, times }) => `| ${right} | ${taken} | ${times} |`),
    "",
  ].join("\n");
}

function figuresTable(crossValidated: RouterFigures, test: RouterFigures | undefined): string[] {
  const rows: [string, (figures: RouterFigures) => string][] = [
    ["messages in scope / out of scope", (of) => `${of.inScope} / ${of.outOfScope}`],
    ["top-1", (of) => percent(of.top1)],
    ["top-3", (of) => percent(of.top3)],
    ["macro-F1", (of) => percent(of.macroF1)],
    ["precision when it decides", (of) => percent(of.precision)],
    ["out of scope rejected", (of) => percent(of.outOfScopeRejected)],
    ["in scope rejected", (of) => percent(of.inScopeRejected)],
    ["ECE", (of) => of.ece.toFixed(3)],
  ];
  return [
    "| | cross-validated | test |",
    "| --- | ---: | ---: |",
    ...rows.map(([name, show]) => `| ${name} | ${show(crossValidated)} | ${test === undefined ? "–" : show(test)} |`),
  ];
}

function kindsTable(crossValidated: RouterFigures, test: RouterFigures | undefined): string[] {
  const shown = (figures: RouterFigures | undefined, kind: string, scope: string) => {
    const found = figures?.kinds.find((one) => one.kind === kind && one.scope === scope);
    return found === undefined ? "–" : `${percent(found.right)} (${found.messages})`;
  };
  return [
    "| kind | cross-validated | test |",
    "| --- | ---: | ---: |",
    ...crossValidated.kinds.map(
      ({ kind, scope }) =>
        `| ${scope === "in" ? kind : `out of scope: ${kind}`} | ${shown(crossValidated, kind, scope)} | ${shown(test, kind, scope)} |`,
    ),
  ];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
