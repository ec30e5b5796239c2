const vowels = "aeıioöuüâîû";
const voiceless = "fstkçşhp";
/** Loan words whose last vowel is written back but takes front suffixes: saati, kilovatsaati. */
const frontStem = /saat$/u;

/**
 * A spoken stem with the suffix somebody wrote behind an apostrophe: vowels in harmony with what is really said, buffer letters put in or
 * left out, d/t assimilated. "100 TL'ye" was written for "te-le" and comes out as "yüz liraya"; "2024'te" stays "iki bin yirmi dörtte".
 * @param spoken ends in a letter
 * @param suffix letters alone, lower case: "te", "nin", "lik", "si"
 */
export function attachSuffix(spoken: string, suffix: string): string {
  if (suffix === "") return spoken;
  const fitted = fitBuffer(spoken, suffix);
  const stem = startsWithVowel(fitted) && /(?:^| )dört$/u.test(spoken) ? `${spoken.slice(0, -1)}d` : spoken;
  return stem + harmonized(stem, assimilated(stem, fitted));
}

/** The ordinal of a number's words: üç → üçüncü, altı → altıncı, dört → dördüncü. */
export function ordinalOf(cardinal: string): string {
  return attachSuffix(cardinal, endsWithVowel(cardinal) ? "nci" : "inci");
}

function fitBuffer(spoken: string, suffix: string): string {
  if (!endsWithVowel(spoken)) {
    // "%15'ye", "USD'yla", "TL'nin" read as dolar, "kuruşsu": the stem that is said needs no buffer.
    if (/^y./u.test(suffix) || /^n[ıiuü]n/u.test(suffix) || /^s[ıiuü](?!z)/u.test(suffix)) return suffix.slice(1);
    return /^ş[ae]r/u.test(suffix) ? suffix.slice(1) : suffix;
  }
  if (/^[ıiuü]n(?!c)/u.test(suffix)) return `n${suffix}`;
  if (/^[ae]r$/u.test(suffix)) return `ş${suffix}`;
  if (/^l[ae]$/u.test(suffix)) return `y${suffix}`;
  return startsWithVowel(suffix) ? `y${suffix}` : suffix;
}

function assimilated(stem: string, suffix: string): string {
  const hard = voiceless.includes(stem.at(-1) ?? "");
  if (/^[dt][ae]|^[dt][ıiuü]/u.test(suffix)) return (hard ? "t" : "d") + suffix.slice(1);
  if (/^[cç][aeıiuü]/u.test(suffix)) return (hard ? "ç" : "c") + suffix.slice(1);
  return suffix;
}

function harmonized(stem: string, suffix: string): string {
  let last = frontStem.test(stem) ? "e" : (lastVowel(stem) ?? "e");
  let result = "";
  for (let index = 0; index < suffix.length; index += 1) {
    let letter = suffix[index] ?? "";
    // -ki and -ken keep their vowels: liradaki, lirayken.
    const fixed = /^(?:k[iı]|ken)/u.test(suffix.slice(index - 1)) && index > 0;
    if (!fixed && "ae".includes(letter)) letter = "aıouâû".includes(last) ? "a" : "e";
    else if (!fixed && "ıiuü".includes(letter)) letter = closeVowelAfter(last);
    if (vowels.includes(letter)) last = letter;
    result += letter;
  }
  return result;
}

function closeVowelAfter(vowel: string): string {
  if ("aıâ".includes(vowel)) return "ı";
  if ("ouû".includes(vowel)) return "u";
  return "öü".includes(vowel) ? "ü" : "i";
}

function lastVowel(text: string): string | undefined {
  const lower = text.slice(-24).toLocaleLowerCase("tr");
  return [...lower].findLast((letter) => vowels.includes(letter));
}

function endsWithVowel(text: string): boolean {
  const last = text.slice(-1).toLocaleLowerCase("tr");
  return last !== "" && vowels.includes(last);
}

function startsWithVowel(text: string): boolean {
  return text !== "" && vowels.includes(text[0] ?? "");
}
