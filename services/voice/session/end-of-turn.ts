import type { TurnDetection } from "../events/index.ts";

/** How finished what was said sounds, by its last words. */
export type Ending = "clear" | "open" | "usual";

/** After these somebody goes on: conjunctions, and the sounds of looking for a word. */
const openers = new Set(
  "ve veya veyahut yahut ya ama fakat ancak lakin çünkü zira hem ile ki eğer şayet yani hani şey mesela örneğin işte e ee eee ı ıı ııı hmm"
    .concat(" diye için gibi kadar göre sonra önce bir bu şu o benim bizim numara numaram numarası kodu")
    .split(" "),
);
/** A number is seldom said in one breath: phone, IBAN, date. */
const numbers = new Set(
  "sıfır bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz bin milyon nokta virgül".split(
    " ",
  ),
);
/** With these a turn is over. */
const closers = new Set(
  "teşekkürler teşekkür ederim sağolun sağol lütfen tamam evet hayır olur peki merhaba selam görüşürüz hoşçakalın alo"
    .concat(" istiyorum isterim istiyoruz lazım gerekiyor")
    .split(" "),
);
/** mı, misiniz, mıydı…: the question particle stands at the end of a question. */
const question = /^m[ıiuü](s[ıiuü]n([ıiuü]z)?|y[ıiuü]m|y[ıiuü]z|yd[ıiuü]|dır|dir|dur|dür|ler|lar)?$/;

/** @param words what was said so far, lower case */
export function endingOf(words: string): Ending {
  const last = lastWord(words);
  if (last === "") return "usual";
  if (/\d$/.test(last) || numbers.has(last) || openers.has(last)) return "open";
  return closers.has(last) || question.test(last) ? "clear" : "usual";
}

/** Silence that ends a turn, ms: in a session whose client left it to us, and at each eagerness of `semantic_vad`. */
interface Windows {
  readonly clear: number;
  readonly usual: number;
  readonly open: number;
}
const eager: Readonly<Record<"low" | "medium" | "high", Windows>> = {
  high: { clear: 250, usual: 400, open: 800 },
  medium: { clear: 300, usual: 600, open: 1600 },
  low: { clear: 500, usual: 1000, open: 3000 },
};
/** Longest and shortest silence that words make of the usual one, ms. */
const shortestMs = 250;
const longestMs = 800;

/**
 * How long silence must last before what was said counts as finished, ms: less after a clear ending, more after words that want
 * another. The usual time is the session's own; a client's that lies outside 250–800 ms stays as it is.
 */
export function silenceOf(detection: TurnDetection, words: string): number {
  const ending = endingOf(words);
  if (detection.type === "semantic_vad") {
    const { eagerness } = detection;
    return eager[eagerness === "auto" ? "medium" : eagerness][ending];
  }
  const usual = detection.silence_duration_ms;
  if (ending === "clear") return Math.max(Math.min(usual, shortestMs), Math.round(usual * 0.7));
  if (ending === "open") return Math.min(Math.max(usual, longestMs), Math.round(usual * 1.6));
  return usual;
}

function lastWord(words: string): string {
  return (
    words
      .trim()
      .toLocaleLowerCase("tr")
      .split(/\s+/)
      .at(-1)
      ?.replace(/[^\p{L}\p{N}]+/gu, "") ?? ""
  );
}
