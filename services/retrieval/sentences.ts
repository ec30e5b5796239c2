/** A full stop after these ends no sentence: "m. 24", "Av. Demir". What mostly stands at a sentence's end (vb., vs.) is not among them. */
const abbreviations = new Set(
  "m md mad no nu av dr prof doç yrd öğr gör arş uzm sn bkz örn krş cad sok sk mah apt bul blv tel faks fak böl müd ltd şti san tic hz yy s sf c".split(
    " ",
  ),
);
/** What may end a sentence, and the white space behind it. */
const ending = /[.!?…]+["”’»)\]]*\s+/gu;
/** How the next sentence may begin. */
const beginning = /^["“‘«([]*[\p{Lu}\p{N}]/u;
/** A new paragraph, or a new entry of a list, whatever stands before it. */
const block = /\n\s*\n|\n\s*(?=[-•*–]\s|\d{1,2}[.)]\s)/u;

/**
 * The sentences of a text, in order, white space inside them made single blanks. Full stops of Turkish abbreviations, initials (T.C.),
 * ordinals (19. Hukuk Dairesi) and numbers (10.000) end none.
 */
export function splitSentences(text: string): readonly string[] {
  return text
    .split(block)
    .flatMap((part) => sentencesOf(part.replace(/\s+/gu, " ").trim()))
    .filter((sentence) => sentence !== "");
}

function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of text.matchAll(ending)) {
    const next = match.index + match[0].length;
    if (!beginning.test(text.slice(next)) || isPartOfSentence(text.slice(start, match.index), match[0])) continue;
    sentences.push(text.slice(start, next).trimEnd());
    start = next;
  }
  sentences.push(text.slice(start));
  return sentences;
}

/** @param before the sentence as far as the mark */
function isPartOfSentence(before: string, mark: string): boolean {
  if (mark.trimEnd() !== ".") return false;
  const word = before.slice(before.lastIndexOf(" ") + 1).replace(/^["“‘«([]+/u, "");
  const isInitial = /^(?:\p{Lu}\.)*\p{Lu}$/u.test(word);
  const isOrdinal = /^\d{1,3}$/.test(word);
  return isInitial || isOrdinal || abbreviations.has(word.toLocaleLowerCase("tr"));
}
