import { foldTurkish, stripTurkishDiacritics } from "../foundation/index.ts";

/** Letters the router reads of one message: the beginning and the end of longer ones. Bounds the work per message. */
export const maxCharacters = 4000;
const headCharacters = 2600;

/** Between words in the output of `readTextCodes`; also its first and last unit. */
export const boundary = 32;

const dropped = 0;
const asciiOf = buildTable();

/**
 * How each UTF-16 unit is read: a letter or digit without its diacritics, `boundary`, or `dropped` (marks and zero-width
 * characters, which do not end a word). Built once; 128 KiB.
 */
function buildTable(): Uint16Array {
  const table = new Uint16Array(0x10000).fill(boundary);
  for (let unit = 0; unit < 0x10000; unit++) {
    const letter = String.fromCharCode(unit);
    if (/[\p{M}\p{Cf}]/u.test(letter)) table[unit] = dropped;
    else if (/[\p{L}\p{N}]/u.test(letter)) table[unit] = plainUnit(letter);
  }
  return table;
}

function plainUnit(letter: string): number {
  return stripTurkishDiacritics(letter.normalize("NFKD")).charCodeAt(0);
}

/**
 * Folds a message to plain lower-case letters: "IŞIK’ta  çoook" → " isik ta cok ". Typing without ğüşıöç, combining marks,
 * zero-width characters and lengthened letters make no difference.
 * @param out at least `maxCharacters` + 2 long; starts and ends with `boundary`, words are separated by exactly one
 * @returns units written; 0 when there is no letter or digit
 */
export function readTextCodes(text: string, out: Uint16Array): number {
  const folded = foldTurkish(beginningAndEnd(text, maxCharacters * 4));
  const read = beginningAndEnd(folded, maxCharacters);
  let length = 0;
  let previous = boundary;
  let run = 0;
  out[length++] = boundary;
  for (let index = 0; index < read.length; index++) {
    const unit = asciiOf[read.charCodeAt(index)] ?? boundary;
    if (unit === dropped) continue;
    run = unit === previous ? run + 1 : 1;
    previous = unit;
    if (unit === boundary) {
      if (run === 1 && length > 1) out[length++] = boundary;
      continue;
    }
    // No Turkish word has a letter three times in a row, numbers do: "çoook" is "çok", 5000 stays.
    if (run > 2 && unit > 57) {
      if (run === 3) length--;
      continue;
    }
    out[length++] = unit;
  }
  if (length === 1) return 0;
  if (out[length - 1] !== boundary) out[length++] = boundary;
  return length;
}

/** At most `limit` units of a text: mostly its beginning, and its end, where the actual request often stands. */
function beginningAndEnd(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor((limit * headCharacters) / maxCharacters);
  return `${text.slice(0, head)} ${text.slice(text.length - (limit - head - 1))}`;
}
