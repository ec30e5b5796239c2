import { foldTurkish } from "../../../services/foundation/index.ts";

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

const turkishWords = set(
  "ve veya bir bu şu o da de ki mi mı mu mü ne için ile gibi göre kadar daha çok az en her hiç ama ancak eğer ise değil var yok evet hayır " +
    "sonra önce olarak olan olur oldu ya hem siz biz ben sen size bize bana sana nasıl nerede hangi kaç gün ay yıl merhaba tamam lütfen",
);
/** Words of the languages a model slips into; none is a Turkish word, nor a suffix that stands after an apostrophe. */
const foreignWords = set(
  "the and of to is are was you your for with that this from have can will please what how be or if by " +
    "das und ist nicht sie ein eine für auf dem zu zum zur von beim sind werden oder können " +
    "les des est une pour avec dans que vous nous sur los las por con una como puede del della che sono",
);
const suffixes =
  "l[ae]r l[ae]r[ıi] [dt][ıiuü]r yor m[ae]k m[ae]n[ıi]z m[ae]s[ıi] s[ıiuü]n [nr][ıiuü]z l[ıiuü]k l[ıiuü]ğ[ıiuü] [dt][ae]n [dt][ae] " +
  "[ıiuü]n [ıiuü]n[ae] [ıiuü]n[ıiuü] y[ae] y[ıiuü] s[ıiuü] [ae]bil[ıi]r [ae]r[ae]k m[ıiuü]ş [dt][ıiuü] c[ae]k [ae]r [ıiuü]r [ıiuü]p l[ıiuü] s[ıiuü]z " +
  "m[ae] [ae]n y[ae]n [ıiuü]m l[ae] [dt][ıiuü]kt[ae]n";
const suffix = new RegExp(`(?:${suffixes.replaceAll(" ", "|")})$`);
/** Letters that hardly any other language in Latin script has together. */
const turkishLetter = /[ğışçöü]/;
/** Turkish, its circumflexes, and what foreign names bring. */
const usualLetters = /^[a-zçğıöşüâîûéèqwx]+$/;
/** Of the words: at least so many look Turkish, at most so many are another language's. */
const goal = { turkish: 0.4, foreign: 0.12 };

/**
 * Whether a text is Turkish: no letter of another alphabet, and by far most words Turkish by their letters, by their suffix, or because
 * everyone uses them. Says nothing of whether the Turkish is good. Numbers alone have no language and pass.
 */
export function isTurkish(text: string): boolean {
  const words = foldTurkish(text).match(/\p{L}{2,}/gu) ?? [];
  if (words.some((word) => !usualLetters.test(word))) return false;
  if (words.length === 0) return true;
  const foreign = words.filter((word) => foreignWords.has(unfolded(word))).length;
  const turkish = words.filter(
    (word) => turkishWords.has(word) || turkishLetter.test(unfolded(word)) || (word.length > 3 && suffix.test(word)),
  ).length;
  return turkish / words.length >= goal.turkish && foreign / words.length <= goal.foreign;
}

/** Folding by Turkish rules makes an ı of every other language's capital I; at a word's beginning it proves nothing. */
function unfolded(word: string): string {
  return word.replace(/^ı/, "i");
}
