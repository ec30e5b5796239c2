import { spell } from "./letters.ts";
import { cardinalWords, digitWords, groupWords } from "./number-words.ts";
import type { Reader } from "./reading.ts";

const longestAddress = 256;
/** Longer paths are for eyes: the host alone is said. */
const longestPath = 40;
const topLevel = /\.(?:com|net|org|edu|gov|gov|bel|info|biz|tr|io|app|dev|ai|co|eu|de|uk|az)$/iu;
const hostShape = /^[a-zçğıöşü0-9-]{1,63}(?:\.[a-zçğıöşü0-9-]{1,63}){1,6}$/iu;
const said: Readonly<Record<string, string>> = {
  com: "kom",
  www: "ve ve ve",
  tr: "te re",
  io: "ay o",
  net: "net",
  http: "",
  https: "",
};
const signs: Readonly<Record<string, string>> = {
  ".": "nokta",
  "@": "et",
  "-": "tire",
  _: "alt tire",
  "/": "bölü",
  ":": "iki nokta",
  "+": "artı",
  "~": "tilde",
};

/** E-mail addresses and URLs: bilgi@ornek.com.tr is "bilgi et ornek nokta kom nokta te re". */
export const readAddress: Reader = (text, at) => {
  const token = tokenAt(text, at);
  const scheme = /^https?:\/\//iu.exec(token)?.[0] ?? "";
  const address = scheme === "" ? token : token.slice(scheme.length);
  const mail = address.indexOf("@");
  if (mail > 0) {
    if (!hostShape.test(address.slice(mail + 1)) || scheme !== "") return undefined;
    return { end: at + token.length, spoken: sayAddress(address), takesSuffix: true };
  }
  const [host = ""] = address.split(/[/?#:]/u, 1);
  const isHost =
    hostShape.test(host) &&
    (scheme !== "" || /^www\./iu.test(host) || (topLevel.test(host) && /^[a-zçğıöşü]|\d[a-z]/iu.test(host)));
  if (!isHost) return undefined;
  const [path = ""] = address.slice(host.length).split(/[?#]/u, 1);
  const shown = path.length > longestPath ? "" : path.replace(/\/$/u, "");
  return { end: at + token.length, spoken: sayAddress(host + shown), takesSuffix: true };
};

/** As far as the next blank, without the punctuation that ends a sentence or a suffix. */
function tokenAt(text: string, at: number): string {
  const window = text.slice(at, at + longestAddress);
  const run = /^[^\s<>"“”()[\]{},;|'’‘]*/u.exec(window)?.[0] ?? "";
  let end = run.length;
  while (end > 0 && ".!?:…/".includes(run[end - 1] ?? "")) end -= 1;
  return run.slice(0, end);
}

function sayAddress(address: string): string {
  const parts = address.match(/\p{L}+|\d+|[^\p{L}\d]/gu) ?? [];
  return parts
    .map((part) => {
      if (/\d/u.test(part))
        return part.length > 4 ? digitWords(part) : part.startsWith("0") ? groupWords(part) : cardinalWords(part);
      const lower = part.toLowerCase();
      return said[lower] ?? signs[part] ?? (isWord(part) ? part : spell(part));
    })
    .filter((part) => part !== "")
    .join(" ");
}

/** Something that can be pronounced: it has a vowel. */
function isWord(part: string): boolean {
  return /[aeıioöuüAEIİOÖUÜ]/u.test(part) && part.length > 1;
}
