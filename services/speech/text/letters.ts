import { digitWords } from "./number-words.ts";

/** As people say them in abbreviations; the dictionary's "ke" for k is hardly heard (KDV: ka de ve, SGK: se ge ka). */
const names: Readonly<Record<string, string>> = {
  a: "a",
  b: "be",
  c: "ce",
  ç: "çe",
  d: "de",
  e: "e",
  f: "fe",
  g: "ge",
  ğ: "yumuşak ge",
  h: "he",
  ı: "ı",
  i: "i",
  j: "je",
  k: "ka",
  l: "le",
  m: "me",
  n: "ne",
  o: "o",
  ö: "ö",
  p: "pe",
  q: "kü",
  r: "re",
  s: "se",
  ş: "şe",
  t: "te",
  u: "u",
  ü: "ü",
  v: "ve",
  w: "çift ve",
  x: "iks",
  y: "ye",
  z: "ze",
};

const signs: Readonly<Record<string, string>> = {
  ".": "nokta",
  ",": "virgül",
  "-": "tire",
  _: "alt tire",
  "@": "et",
  "/": "bölü",
  ":": "iki nokta",
  "+": "artı",
  "*": "yıldız",
  "#": "kare",
  "&": "ve",
  "%": "yüzde",
  "=": "eşittir",
};

/** Letter by letter, digit by digit, signs by name: "TR-1a" → te re tire bir a. What has no name is left out. */
export function spell(text: string): string {
  const spoken: string[] = [];
  for (const character of text.normalize("NFC")) {
    const name =
      names[character.toLocaleLowerCase("tr")] ??
      signs[character] ??
      (/\d/u.test(character) ? digitWords(character) : "");
    if (name !== "") spoken.push(name);
    else if (/\p{L}/u.test(character)) spoken.push(character);
  }
  return spoken.join(" ");
}
