/** Units behind a number, as written, longest reading first where one begins another. Capitals count: GB is not Gb. */
const units: Readonly<Record<string, string>> = {
  km: "kilometre",
  m: "metre",
  dm: "desimetre",
  cm: "santimetre",
  mm: "milimetre",
  µm: "mikrometre",
  "km²": "kilometrekare",
  km2: "kilometrekare",
  "m²": "metrekare",
  m2: "metrekare",
  "cm²": "santimetrekare",
  cm2: "santimetrekare",
  "m³": "metreküp",
  m3: "metreküp",
  "cm³": "santimetreküp",
  cm3: "santimetreküp",
  cc: "santimetreküp",
  ha: "hektar",
  kg: "kilogram",
  g: "gram",
  gr: "gram",
  mg: "miligram",
  µg: "mikrogram",
  mcg: "mikrogram",
  ton: "ton",
  L: "litre",
  l: "litre",
  lt: "litre",
  ml: "mililitre",
  mL: "mililitre",
  cl: "santilitre",
  dl: "desilitre",
  sa: "saat",
  dk: "dakika",
  sn: "saniye",
  ms: "milisaniye",
  "°C": "derece",
  "° C": "derece",
  "℃": "derece",
  "°F": "fahrenhayt derece",
  "°": "derece",
  kWh: "kilovatsaat",
  kwh: "kilovatsaat",
  MWh: "megavatsaat",
  Wh: "vatsaat",
  kW: "kilovat",
  MW: "megavat",
  W: "vat",
  V: "volt",
  kV: "kilovolt",
  mA: "miliamper",
  mAh: "miliampersaat",
  Hz: "hertz",
  kHz: "kilohertz",
  MHz: "megahertz",
  GHz: "gigahertz",
  dB: "desibel",
  bit: "bit",
  kB: "kilobayt",
  KB: "kilobayt",
  MB: "megabayt",
  GB: "gigabayt",
  TB: "terabayt",
  kbps: "kilobit",
  Kbps: "kilobit",
  Mbps: "megabit",
  mbps: "megabit",
  Mbit: "megabit",
  Gbps: "gigabit",
  Gbit: "gigabit",
  MP: "megapiksel",
  px: "piksel",
  kcal: "kilokalori",
  cal: "kalori",
  hp: "beygir",
  HP: "beygir",
  bar: "bar",
  inç: "inç",
  ad: "adet",
};

/** Rates put their measure of time before the number: 90 km/s is "saatte doksan kilometre". */
const rates: Readonly<Record<string, readonly [before: string, unit: string]>> = {
  "km/s": ["saatte", "kilometre"],
  "km/sa": ["saatte", "kilometre"],
  "km/h": ["saatte", "kilometre"],
  "m/s": ["saniyede", "metre"],
  "m/sn": ["saniyede", "metre"],
  "MB/s": ["saniyede", "megabayt"],
  "Mb/s": ["saniyede", "megabit"],
  "L/dk": ["dakikada", "litre"],
};

/** Clear enough without a number: "m² fiyatı", "kWh başına". */
const standAlone: ReadonlySet<string> = new Set(
  "km² m² m2 m³ m3 cm² cm³ kWh MWh kW GB MB TB KB Mbps Gbps Kbps km/s km/sa km/h °C kcal mAh GHz MHz".split(" "),
);

export interface Unit {
  readonly spoken: string;
  /** Said before the number: "saatte". */
  readonly before: string;
}

const table = new Map<string, Unit>([
  ...Object.entries(units).map(([unit, spoken]) => [unit, { spoken, before: "" }] as const),
  ...Object.entries(rates).map(([unit, [said, spoken]]) => [unit, { spoken, before: said }] as const),
]);

/** Sticky: a unit, with nothing of a word behind it. A full stop of "dk." and the like goes with it inside a sentence. */
export const unitPattern = new RegExp(
  ` ?(${[...table.keys()]
    .sort((one, other) => other.length - one.length)
    .map((unit) => unit.replace(/[/]/gu, "\\/"))
    .join("|")})(?![\\p{L}\\p{N}²³/])(\\.(?= ?[\\p{Ll},;)]))?`,
  "uy",
);

/** @param written as matched by `unitPattern`, without the blank */
export function unitOf(written: string): Unit {
  return table.get(written) ?? { spoken: written, before: "" };
}

/** The reading of a unit that stands without a number. */
export function unitAlone(written: string): string | undefined {
  if (!standAlone.has(written)) return undefined;
  const unit = unitOf(written);
  return [unit.before, unit.spoken].filter((word) => word !== "").join(" ");
}
