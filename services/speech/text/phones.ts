import { cardinalWords, groupWords } from "./number-words.ts";
import { before, matchAt, type Reader } from "./reading.ts";

/** Groups as people read them; the first pattern that fits. Every digit group is captured, "+" is heard. */
const patterns: readonly RegExp[] = [
  // +90 532 123 45 67, 0090 532 …
  /(\+90|0090)[ -]?\(?([2-58]\d\d)\)?[ .-]?(\d{3})[ .-]?(\d\d)[ .-]?(\d\d)(?!\d)/uy,
  // 0850 222 0 123
  /(0[58]\d\d)[ -](\d{3})[ -](\d)[ -](\d{3})(?!\d)/uy,
  // 0532 123 45 67, (0212) 555 12 34, 05321234567
  /\(?(0[2-58]\d\d)\)?[ .-]?(\d{3})[ .-]?(\d\d)[ .-]?(\d\d)(?!\d)/uy,
  // 0 (212) 555 12 34
  /(0) ?\(([2-58]\d\d)\) ?(\d{3})[ .-]?(\d\d)[ .-]?(\d\d)(?!\d)/uy,
  // 0 532 123 45 67
  /(0) ([2-58]\d\d) (\d{3}) (\d\d) ?(\d\d)(?!\d)/uy,
  // (212) 555 12 34
  /\(([2-58]\d\d)\) ?(\d{3})[ .-]?(\d\d)[ .-]?(\d\d)(?!\d)/uy,
  // 444 0 123
  /(444)[ -](\d)[ -](\d{3})(?!\d)/uy,
  /(444)[ -](\d\d)[ -](\d\d)(?!\d)/uy,
  // 532 123 45 67, 5321234567
  /([2-58]\d\d)[ -](\d{3})[ -](\d\d)[ -](\d\d)(?!\d)/uy,
  /(5[03-5]\d)(\d{3})(\d\d)(\d\d)(?!\d)/uy,
  // 555 12 34
  /([2-9]\d\d)[ -](\d\d)[ -](\d\d)(?!\d|[ .,-]\d)/uy,
];
/** 4440123 */
const shortService = /(444)(\d)(\d{3})(?!\d)/uy;
const foreign = /(\+[1-9]\d{0,2})((?:[ -]\d{1,4}){2,5})(?!\d)/uy;

/** Telephone numbers, group by group, with a breath between groups. */
export const readPhone: Reader = (text, at) => {
  // Digits before it, or a decimal mark: the middle of something else.
  if (/[\d.,/]$/u.test(before(text, at))) return undefined;
  for (const pattern of [...patterns, shortService]) {
    const match = matchAt(pattern, text, at);
    if (match !== undefined) return phone(at, match[0], match.slice(1));
  }
  const abroad = matchAt(foreign, text, at);
  if (abroad === undefined) return undefined;
  return phone(at, abroad[0], [abroad[1] ?? "", ...(abroad[2] ?? "").trim().split(/[ -]/u)]);
};

/** Any run of telephone digits whose groups nobody wrote: by the known shapes, else three by three and the rest. */
export function phoneWords(written: string): string {
  const compact = written.trim();
  const known = readPhone(compact, 0);
  if (known !== undefined && known.end === compact.length) return known.spoken;
  const groups = compact.match(/\+?\d{1,4}/gu) ?? [];
  return groups.map(groupSaid).join(", ");
}

function phone(at: number, written: string, groups: readonly string[]): ReturnType<Reader> {
  return { end: at + written.length, spoken: groups.map(groupSaid).join(", "), takesSuffix: true };
}

function groupSaid(group: string): string {
  if (group === "0090") return "sıfır sıfır doksan";
  return group.startsWith("+") ? `artı ${cardinalWords(group.slice(1))}` : groupWords(group);
}
