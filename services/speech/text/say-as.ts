import { dateWords } from "./dates.ts";
import { spell } from "./letters.ts";
import { normalizeForSpeech } from "./normalize.ts";
import { cardinalWords, digitWords, ordinalWords } from "./number-words.ts";
import { phoneWords } from "./phones.ts";
import { timeWords } from "./times.ts";

/**
 * The text of a `say-as` element in words. An `interpret-as` unknown here, or a text that is not what it claims to be, is read as any other.
 * @param interpretAs characters, spell-out, digits, cardinal, number, ordinal, telephone, date, time, currency
 * @param format of dates: the order of d, m and y ("dmy", "ymd", "mdy", "dm", "my", "y"); default dmy
 */
export function interpret(text: string, interpretAs: string, format: string): string {
  const written = text.trim();
  return reading(written, interpretAs, format) ?? normalizeForSpeech(written);
}

function reading(written: string, interpretAs: string, format: string): string | undefined {
  const whole = written.replace(/[.\s\u00a0]/gu, "");
  switch (interpretAs) {
    case "characters":
    case "spell-out":
    case "verbatim":
      return spell(written);
    case "digits":
      return /\d/u.test(written) ? digitWords(written.replace(/\D/gu, "")) : undefined;
    case "cardinal":
    case "number":
      return /^\d+$/u.test(whole) ? cardinalWords(whole) : undefined;
    case "ordinal":
      return /^\d+$/u.test(whole) ? ordinalWords(whole) : undefined;
    case "telephone":
      return /^[+\d\s().-]+$/u.test(written) ? phoneWords(written) : undefined;
    case "date":
      return dateAs(written, format === "" ? "dmy" : format);
    case "time": {
      const [, hour, minute, second] = /^([01]?\d|2[0-4])[:.]([0-5]\d)(?:[:.]([0-5]\d))?$/u.exec(written) ?? [];
      return hour === undefined || minute === undefined ? undefined : timeWords(hour, minute, second);
    }
    case "currency":
      return /\d$/u.test(written) && /^\d/u.test(written) ? normalizeForSpeech(`${written} TL`) : undefined;
    default:
      return undefined;
  }
}

function dateAs(written: string, format: string): string | undefined {
  const parts = written.split(/[./\s-]+/u);
  const order = /^\d{4}/u.test(written) && format === "dmy" ? "ymd" : format;
  if (parts.length !== order.length || !parts.every((part) => /^\d{1,4}$/u.test(part))) return undefined;
  const part = (letter: string): string => parts[order.indexOf(letter)] ?? "";
  const month = Number(part("m"));
  const day = Number(part("d"));
  if (month > 12 || day > 31 || (order.includes("m") && month === 0)) return undefined;
  return dateWords(part("d"), part("m"), part("y"));
}
