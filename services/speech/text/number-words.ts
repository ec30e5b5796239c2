import { ordinalOf } from "./harmony.ts";

const ones = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"];
const tens = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"];
const scales = ["", "bin", "milyon", "milyar", "trilyon", "katrilyon"];
const longestCardinal = scales.length * 3;

/**
 * A whole number in words: "1250" → bin iki yüz elli.
 * @param number not negative; as text any run of digits. Beyond 999 katrilyon it is read digit by digit.
 */
export function cardinalWords(number: string | number | bigint): string {
  const digits = String(number).replace(/^0+(?=\d)/u, "");
  if (digits === "0") return "sıfır";
  if (digits.length > longestCardinal) return digitWords(digits);
  const words: string[] = [];
  for (let start = -((3 - (digits.length % 3)) % 3); start < digits.length; start += 3) {
    const group = Number(digits.slice(Math.max(start, 0), start + 3));
    const scale = scales[(digits.length - start) / 3 - 1] ?? "";
    if (group === 0) continue;
    // "bin", never "bir bin".
    if (!(group === 1 && scale === "bin")) words.push(...hundreds(group));
    if (scale !== "") words.push(scale);
  }
  return words.join(" ");
}

/** "3" → üçüncü; the same limits as `cardinalWords`. */
export function ordinalWords(number: string | number | bigint): string {
  return ordinalOf(cardinalWords(number));
}

/**
 * Digit by digit: "0042" → sıfır sıfır dört iki.
 * @param groupOf a comma, heard as a breath, after so many digits; 0: none
 */
export function digitWords(digits: string, groupOf = 0): string {
  const words = [...digits].map((digit) => (digit === "0" ? "sıfır" : (ones[Number(digit)] ?? "")));
  if (groupOf === 0) return words.join(" ");
  const groups: string[] = [];
  for (let start = 0; start < words.length; ) {
    // A last digit by itself goes with those before it.
    const size = words.length - start === groupOf + 1 ? groupOf + 1 : groupOf;
    groups.push(words.slice(start, start + size).join(" "));
    start += size;
  }
  return groups.join(", ");
}

/** As people read one group of a phone number or a code: every leading zero, then the rest as a number. "045" → sıfır kırk beş. */
export function groupWords(digits: string): string {
  const zeros = /^0*/u.exec(digits)?.[0].length ?? 0;
  const rest = digits.slice(zeros);
  const words = Array<string>(zeros).fill("sıfır");
  if (rest.length > 3) words.push(...pairs(rest));
  else if (rest !== "") words.push(cardinalWords(rest));
  return words.join(" ");
}

/** "1234" → on iki, otuz dört; "12345" → on iki, üç yüz kırk beş. */
function pairs(digits: string): readonly string[] {
  const words: string[] = [];
  let start = 0;
  for (; digits.length - start > 3; start += 2) words.push(groupWords(digits.slice(start, start + 2)));
  words.push(groupWords(digits.slice(start)));
  return words;
}

function hundreds(group: number): readonly string[] {
  const hundred = Math.floor(group / 100);
  const words = [hundred > 1 ? (ones[hundred] ?? "") : "", hundred > 0 ? "yüz" : ""];
  words.push(tens[Math.floor((group % 100) / 10)] ?? "", ones[group % 10] ?? "");
  return words.filter((word) => word !== "");
}
