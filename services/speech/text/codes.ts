import { spell } from "./letters.ts";
import { cardinalWords, digitWords, groupWords } from "./number-words.ts";
import { before, matchAt, type Reader } from "./reading.ts";

const iban = /TR(\d{2})((?: ?\d{4}){5}) ?(\d{2})(?!\d)/uy;
const card = /(\d{4})([ -]?)(\d{4})\2(\d{4})\2(\d{4})(?!\d)/uy;
const maskedCard = /(\d{4})(?:[ -]?[*xX•]{2,4}){2,3}[ -]?(\d{4})(?!\d)/uy;
const identity = /([1-9]\d{2})(\d{3})(\d{3})(\d{2})(?!\d)/uy;
const plate = /(0[1-9]|[1-7]\d|8[01]) ?([A-PR-VYZ]{1,3}) ?(\d{2,5})(?![\d\p{L}]|[.,]\d)/uy;
/** What stands between two numbers without being a plate's letters: 10 TL 50, 5 GB 20. */
const notPlateLetters = new Set(["TL", "GB", "MB", "TB", "KB", "KM", "CM", "MM", "KG", "TRY", "USD", "EUR", "GBP"]);
const code = /(\d{4,12})(?![\d.,]\d|\d|['’]?\p{L})/uy;
const namesCode =
  /(?:^|[^\p{L}])(?:(?:doğrulama|onay|güvenlik|aktivasyon|erişim|sms) kodu\p{Ll}{0,4}|şifre\p{Ll}{0,6}|parola\p{Ll}{0,6}|pin\p{Ll}{0,4})[\s:=]*$/iu;
const dottedVersion = /\d{1,5}(?:\.\d{1,5}){2,6}(?!\d)/uy;
const ussd = /\*(\d{1,4}(?:\*\d{1,11}){0,3})#/uy;

/** IBAN: digit by digit, a breath every four as it is printed. */
export const readIban: Reader = (text, at) => {
  const match = matchAt(iban, text, at);
  if (match === undefined) return undefined;
  const [written, check = "", middle = "", end = ""] = match;
  const spoken = `te re ${digitWords(check)}, ${digitWords(middle.replace(/ /gu, ""), 4)}, ${digitWords(end)}`;
  return { end: at + written.length, spoken, takesSuffix: true };
};

/** Bank cards digit by digit in fours; the hidden digits of a masked one are not heard. */
export const readCard: Reader = (text, at) => {
  const masked = matchAt(maskedCard, text, at);
  if (masked !== undefined) {
    return {
      end: at + masked[0].length,
      spoken: masked
        .slice(1)
        .map((group) => digitWords(group))
        .join(", "),
      takesSuffix: true,
    };
  }
  const match = matchAt(card, text, at);
  if (match === undefined) return undefined;
  const digits = match[0].replace(/\D/gu, "");
  if (match[2] === "" && !isLuhn(digits)) return undefined;
  return { end: at + match[0].length, spoken: digitWords(digits, 4), takesSuffix: true };
};

/** Identity numbers, and other runs of eleven digits that are no telephone: three by three. */
export const readIdentity: Reader = (text, at) => {
  const match = matchAt(identity, text, at);
  if (match === undefined) return undefined;
  return { end: at + 11, spoken: digitWords(match[0], 3), takesSuffix: true };
};

/** 34 ABC 123: otuz dört a be ce yüz yirmi üç. */
export const readPlate: Reader = (text, at) => {
  const match = matchAt(plate, text, at);
  if (match === undefined || notPlateLetters.has(match[2] ?? "")) return undefined;
  const [written, province = "", letters = "", number = ""] = match;
  const spoken = `${groupWords(province)} ${spell(letters)} ${groupWords(number)}`;
  return { end: at + written.length, spoken, takesSuffix: true };
};

/** One-time codes and PINs, where a word before says so: digit by digit. */
export const readCode: Reader = (text, at) => {
  if (!namesCode.test(before(text, at))) return undefined;
  const match = matchAt(code, text, at);
  if (match === undefined) return undefined;
  const digits = match[1] ?? "";
  return {
    end: at + digits.length,
    spoken: digitWords(digits, digits.length % 3 === 0 ? 3 : digits.length % 2 === 0 ? 2 : 0),
  };
};

/** 2.1.3 and 192.168.1.1: with every point. */
export const readDotted: Reader = (text, at) => {
  const match = matchAt(dottedVersion, text, at);
  if (match === undefined) return undefined;
  const isGrouped = /^[1-9]\d{0,2}(?:\.\d{3})+$/u.test(match[0]);
  if (isGrouped && !/IP\p{Ll}*[^\p{L}]{0,6}$|adres\p{Ll}*[^\p{L}]{0,3}$/u.test(before(text, at))) return undefined;
  const spoken = match[0]
    .split(".")
    .map((part) => (part.startsWith("0") ? groupWords(part) : cardinalWords(part)))
    .join(" nokta ");
  return { end: at + match[0].length, spoken, takesSuffix: true };
};

/** *123#: yıldız yüz yirmi üç kare. */
export const readUssd: Reader = (text, at) => {
  const match = matchAt(ussd, text, at);
  if (match === undefined) return undefined;
  const parts = (match[1] ?? "").split("*").map((part) => `yıldız ${groupWords(part)}`);
  return { end: at + match[0].length, spoken: `${parts.join(" ")} kare` };
};

function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
