import { attachSuffix } from "./harmony.ts";
import { cardinalWords, groupWords } from "./number-words.ts";
import { before, behind, matchAt, type Reader } from "./reading.ts";

const time = /([01]?\d|2[0-4])([:.])([0-5]\d)(?::([0-5]\d))?(?!\d|[.,:]\d)/uy;
const dash = / ?[-–—] ?/uy;
const saysHour = /(?:^|[^\p{L}])[Ss]aat(?:i|ler|leri)?(?=[\s:])(?:[\s\d.:,–-]|ve|ile|veya)*$/u;
const hourBehind =
  /^(?:['’](?:[dt][ae](?!\p{L}{3})|y?[ae](?!\p{L}))| (?:sular|civar|itibar|seans|uça|tren|vapur|feribot|otobüs|randevu|toplantı))/u;
const notAnHour = /^ ?(?:TL|₺|\$|€|£|lira|dolar|avro|euro|kg|km|GB|MB|cm|mm|m²|puan|%)/u;

interface Clock {
  readonly end: number;
  readonly spoken: string;
  /** Could be a number as well: "15.30". */
  readonly dotted: boolean;
  readonly leadingZero: boolean;
}

/** 15:30, saat 15.30, 09:00-18:00: on beş otuz; dokuzdan on sekize. */
export const readTime: Reader = (text, at) => {
  const from = clockAt(text, at);
  if (from === undefined) return undefined;
  const between = matchAt(dash, text, from.end);
  const to = between === undefined ? undefined : clockAt(text, from.end + between[0].length);
  if (to !== undefined && to.dotted === from.dotted && !notAnHour.test(behind(text, to.end)))
    return range(text, from, to);
  if (from.dotted && !isHour(text, at, from)) return undefined;
  return { end: from.end, spoken: from.spoken, takesSuffix: true };
};

/** 09:05 dokuz sıfır beş; 09:00 dokuz; 00:30 sıfır sıfır otuz. Parts are digits. */
export function timeWords(hour: string, minute: string, second = ""): string {
  const words = [hour === "00" ? groupWords(hour) : cardinalWords(hour)];
  if (minute !== "00" || (second !== "" && second !== "00")) words.push(groupWords(minute));
  if (second !== "" && second !== "00") words.push(groupWords(second));
  return words.join(" ");
}

function clockAt(text: string, at: number): Clock | undefined {
  const match = matchAt(time, text, at);
  if (match === undefined) return undefined;
  const [written, hour = "", mark, minute = "", second] = match;
  if (hour === "24" && minute !== "00") return undefined;
  const spoken = timeWords(hour, minute, second);
  return { end: at + written.length, spoken, dotted: mark === ".", leadingZero: /^0\d/u.test(hour) };
}

function isHour(text: string, at: number, clock: Clock): boolean {
  const rest = behind(text, clock.end);
  if (notAnHour.test(rest)) return false;
  return saysHour.test(before(text, at)) || hourBehind.test(rest) || clock.leadingZero;
}

function range(text: string, from: Clock, to: Clock): ReturnType<Reader> {
  const rest = behind(text, to.end);
  if (/^['’]\p{L}/u.test(rest)) return { end: to.end, spoken: `${from.spoken} ila ${to.spoken}`, takesSuffix: true };
  if (/^ (?:saatleri )?ara[sl]/u.test(rest)) return { end: to.end, spoken: `${from.spoken} ile ${to.spoken}` };
  return { end: to.end, spoken: `${attachSuffix(from.spoken, "dan")} ${attachSuffix(to.spoken, "a")}` };
}
