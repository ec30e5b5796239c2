import type { RankedSentence, SentenceRanker } from "../retrieval/index.ts";
import { cutAtWord } from "./fit-passages.ts";
import type { PromptPassage } from "./knowledge-prompt.ts";

/** A passage of the prompt; one that was searched for comes with its score, one that the caller brought along without. */
export interface QuotablePassage extends PromptPassage {
  readonly score?: number;
}

/**
 * A quote holds the answer with this probability at least; the model says whether it is the shorter or the longer one. Chosen, like the
 * score below, on the questions of datasets/dialogues (docs/eval/knowledge.md).
 */
const sureness = { shorter: 0.85, longer: 0.95 } as const;
/** No sentence joins a quote that would grow beyond these; longer is no answer any more, and chat.maxTokens would cut it. */
const most = { sentences: 3, words: 45 } as const;
/**
 * The model may say that the sources hold no answer where the best passage's odds, squared, are less than this many of the second one's:
 * a passage that agrees little, or hardly more than another, is more likely the wrong one than the right one.
 */
const doubtful = 0.5;
/** A second passage that is not in the prompt had less than this share of the best one's score. */
const unseenShare = 0.5;
/** A text without full stops is quoted as far as this, in characters; four of them are a choice the engine takes. */
const longestSentence = 900;

/** How the adapters are trained to say it: training/sektor_training/quoting.py. */
const missing = [
  "Verilen kaynaklarda bu konuda bilgi yok.",
  "Kaynaklarda bunun yanıtı yer almıyor, ilgili kuruma danışmanızı öneririm.",
  "Elimdeki kaynaklar bu konuyu içermiyor; sorunuzu biraz daha açar mısınız?",
];

/**
 * The texts a grounded reply is held to, all of one passage: its sentences that most likely answer, in its own order, ending in its `[n]`;
 * a shorter and a longer selection where they differ, and the refusals where it is in doubt that the passage answers at all.
 * @param passages as they are numbered in the prompt, from 1
 * @returns 1–5 texts; none: no passage has a sentence
 */
export function quotedAnswers(
  question: string,
  passages: readonly QuotablePassage[],
  ranker: SentenceRanker,
): readonly string[] {
  const scores = passages.map(
    ({ score, title = "", text }) => score ?? ranker.agreement(question, `${title}\n${text}`),
  );
  const [best = 0, second = best * unseenShare] = scores.toSorted((a, b) => b - a);
  const at = scores.indexOf(best);
  const sentences = ranker.rank(question, passages[at]?.text ?? "");
  if (sentences.length === 0) return [];
  const quotes = [sureness.shorter, sureness.longer].map((sure) => quote(selected(sentences, sure), at + 1));
  const isInDoubt = odds(best) ** 2 < doubtful * odds(second);
  return [...new Set([...quotes, ...(isInDoubt ? missing : [])])];
}

function odds(score: number): number {
  return score / (1 - score);
}

/** The likeliest sentences until they hold the answer surely enough, in the passage's order. */
function selected(sentences: readonly RankedSentence[], sure: number): readonly string[] {
  const chosen = new Set<RankedSentence>();
  let probability = 0;
  let words = 0;
  for (const sentence of sentences.toSorted((a, b) => b.probability - a.probability)) {
    const { length } = sentence.text.split(" ");
    if (chosen.size > 0 && (probability >= sure || chosen.size === most.sentences || words + length > most.words))
      break;
    chosen.add(sentence);
    probability += sentence.probability;
    words += length;
  }
  return sentences.filter((sentence) => chosen.has(sentence)).map(({ text }) => text);
}

/** `Bir cümle. Öteki cümle [1].` */
function quote(sentences: readonly string[], number: number): string {
  const whole = sentences
    .map((sentence) => (sentence.length > longestSentence ? cutAtWord(sentence, longestSentence) : sentence))
    .map((sentence) => (/[.!?…:;]["”’»)\]]*$/u.test(sentence) ? sentence : `${sentence}.`))
    .join(" ");
  return whole.replace(/[.!?…:;]+["”’»)\]]*$/u, (mark) => ` [${number}]${mark}`);
}
