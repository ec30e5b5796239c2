import type { Heard } from "./measure.ts";
import type { RoutingFigures } from "./routing.ts";

interface Row {
  readonly name: string;
  readonly utterances: number;
  /** Per cent. */
  readonly letters: number;
  readonly words: number;
  readonly greedyLetters: number;
  readonly greedyWords: number;
}

export interface SpeechReport {
  readonly heard: readonly Heard[];
  readonly routing: RoutingFigures | undefined;
  readonly modelBytes: number;
  readonly languageModelBytes: number;
  readonly processor: string;
}

/** docs/eval/speech.md. */
export function speechReport({ heard, routing, modelBytes, languageModelBytes, processor }: SpeechReport): string {
  const sets = [...new Set(heard.map(({ utterance }) => utterance.set))].filter((set) => set !== "routing");
  const clean = sets.filter((set) => !set.includes("/"));
  const conditions = [...new Set(sets.filter((set) => set.includes("/")).map((set) => set.split("/")[1] as string))];
  const of = (name: string, wanted: (set: string) => boolean) =>
    row(
      name,
      heard.filter(({ utterance }) => wanted(utterance.set)),
    );
  const seen = of("voices heard in training", (set) => set === "seen");
  const unseen = of("held-out voices together", (set) => clean.includes(set) && set !== "seen");
  const voices = clean
    .filter((set) => set !== "seen")
    .map((set) => of(`tr+${set.slice("unseen-".length)}`, (one) => one === set));
  const worst = voices.reduce((most, voice) => (voice.letters > most.letters ? voice : most));
  const disturbed = conditions.flatMap((condition) => [
    of(`${condition}, voices heard in training`, (set) => set === `seen/${condition}`),
    of(`${condition}, held-out voices`, (set) => set.startsWith("unseen") && set.endsWith(`/${condition}`)),
  ]);
  const at20 = disturbed.find(({ name }) => name === "white 20 dB, held-out voices");
  const final = heard.map((one) => one.realTimeFactor).sort((a, b) => a - b);
  const greedy = heard.map((one) => one.greedyRealTimeFactor).sort((a, b) => a - b);
  const loss = routing && 100 * (routing.fromText - routing.fromTranscripts);
  return [
    "# The embedded recogniser, measured",
    "",
    "**This is synthetic speech recognising synthetic speech: espeak-ng spoke what was trained on and what is measured here. It says nothing about people.**",
    "No recording of a human Turkish speaker was available; expect far worse on one, and measure on consented recordings before promising anything.",
    "",
    "Türkçe özet: Aşağıdaki sayılar sentetik sesin sentetik sesle ölçülmesidir; insan sesi hakkında hiçbir şey söylemez.",
    "",
    "Written by `npm run speech:eval`, by the code that serves: onnxruntime-node on one thread, then `services/speech/recognition/embedded`.",
    'How model, language model and these sets are made: [training/README.md](../../training/README.md), "Speech"; the card: [models/speech](../../models/speech/README.md).',
    "",
    "```bash",
    "cd training && python -m speech.held_out_sets --work $WORK --datasets ../datasets --out $WORK/sets && cd ..",
    "npm run speech:eval -- --sets $WORK/sets",
    "```",
    "",
    "## Goals",
    "",
    "| | goal | measured | |",
    "|---|--:|--:|---|",
    goal("letters wrong (CER), voices heard in training", 3, seen.letters),
    goal("letters wrong, held-out voices, mean", 5, unseen.letters),
    goal(`letters wrong, worst held-out voice (${worst.name})`, 10, worst.letters),
    ...(at20 === undefined ? [] : [goal("letters wrong, held-out voices, white noise at 20 dB", 10, at20.letters)]),
    goal("words wrong (WER), held-out voices, with the language model", 15, unseen.words),
    goal("real-time factor of a final transcript, 95th percentile", 0.02, quantile(final, 0.95), 4),
    ...(loss === undefined ? [] : [goal("points that routing loses from transcripts", 5, loss)]),
    "",
    "## By voice and condition",
    "",
    "Sentences are held out: half from what callers and assistants say in `datasets/`, half from the corpora; none of them, and no copy of them, was",
    "trained on, neither by the network nor by the language model. The four held-out voices were not either, nor the near copies of steph; other variants of espeak-ng were, and all are one synthesiser. Per cent wrong;",
    '"letter by letter" is without language model and search.',
    "",
    "| | utterances | letters | words | letters, letter by letter | words, letter by letter |",
    "|---|--:|--:|--:|--:|--:|",
    ...[seen, unseen, ...voices, ...disturbed].map(tableRow),
    "",
    `Files: model ${megabytes(modelBytes)}, language model ${megabytes(languageModelBytes)}.`,
    "",
    "## Speed",
    "",
    `${processor}, one thread; processor time over length of audio, ${heard.length} utterances.`,
    "",
    "| real-time factor | median | 95th percentile |",
    "|---|--:|--:|",
    `| as served: network, search with the language model, word times | ${quantile(final, 0.5).toFixed(4)} | ${quantile(final, 0.95).toFixed(4)} |`,
    `| network, letter by letter | ${quantile(greedy, 0.5).toFixed(4)} | ${quantile(greedy, 0.95).toFixed(4)} |`,
    "",
    ...(routing === undefined ? [] : routingText(routing)),
    ...confidenceText(heard),
  ].join("\n");
}

function row(name: string, heard: readonly Heard[]): Row {
  const per = (wrong: (one: Heard) => number, all: (one: Heard) => number) =>
    (100 * sum(heard.map(wrong))) / sum(heard.map(all));
  return {
    name,
    utterances: heard.length,
    letters: per(
      (one) => one.letterErrors,
      (one) => one.letters,
    ),
    words: per(
      (one) => one.wordErrors,
      (one) => one.words,
    ),
    greedyLetters: per(
      (one) => one.greedyLetterErrors,
      (one) => one.letters,
    ),
    greedyWords: per(
      (one) => one.greedyWordErrors,
      (one) => one.words,
    ),
  };
}

function tableRow({ name, utterances, letters, words, greedyLetters, greedyWords }: Row): string {
  return `| ${name} | ${utterances} | ${letters.toFixed(2)} | ${words.toFixed(1)} | ${greedyLetters.toFixed(2)} | ${greedyWords.toFixed(1)} |`;
}

function goal(name: string, most: number, measured: number, digits = 2): string {
  return `| ${name} | ≤ ${most} | ${measured.toFixed(digits)} | ${measured <= most ? "kept" : "**missed**"} |`;
}

function routingText({ messages, fromText, fromSpokenText, fromTranscripts }: RoutingFigures): string[] {
  return [
    "## Routing from transcripts",
    "",
    `${messages} messages of \`datasets/routing/test\` that can be said with Turkish letters (kinds that are only typed so, such as misspellings, left out), half`,
    "of them spoken by voices heard in training, half by held-out ones. Routed to their sector:",
    "",
    "| from | per cent |",
    "|---|--:|",
    `| the message as written, in lower case | ${(100 * fromText).toFixed(1)} |`,
    `| the words as they are said, perfectly heard | ${(100 * fromSpokenText).toFixed(1)} |`,
    `| the recogniser's transcript | ${(100 * fromTranscripts).toFixed(1)} |`,
    "",
  ];
}

/** Whether "sure" means anything: transcripts by their confidence. */
function confidenceText(heard: readonly Heard[]): string[] {
  const limits = [0, 0.8, 0.9, 0.95, 0.98, 1.001];
  const rows = limits.slice(1).flatMap((below, at) => {
    const from = limits[at] as number;
    const inside = heard.filter(({ confidence }) => confidence >= from && confidence < below);
    return inside.length === 0
      ? []
      : [
          `| ${from}–${Math.min(1, below)} | ${inside.length} | ${row("", inside).letters.toFixed(2)} | ${row("", inside).words.toFixed(1)} |`,
        ];
  });
  return [
    "## Confidence",
    "",
    "All utterances above by the transcript's confidence: the less sure, the more is wrong. On a human voice the scale would have to be set anew.",
    "",
    "| confidence | utterances | letters wrong, % | words wrong, % |",
    "|---|--:|--:|--:|",
    ...rows,
    "",
  ];
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
