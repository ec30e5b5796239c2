export interface Currency {
  readonly spoken: string;
  /** Its hundredth. */
  readonly cents: string;
}

const lira = { spoken: "lira", cents: "kuruş" };
const dollar = { spoken: "dolar", cents: "sent" };
const euro = { spoken: "avro", cents: "sent" };
const pound = { spoken: "sterlin", cents: "peni" };

const currencies: ReadonlyMap<string, Currency> = new Map([
  ["TL", lira],
  ["₺", lira],
  ["TRY", lira],
  ["YTL", lira],
  ["lira", lira],
  ["Lira", lira],
  ["Türk lirası", { spoken: "Türk lirası", cents: "kuruş" }],
  ["Türk Lirası", { spoken: "Türk lirası", cents: "kuruş" }],
  ["$", dollar],
  ["USD", dollar],
  ["dolar", dollar],
  ["Dolar", dollar],
  ["€", euro],
  ["EUR", euro],
  ["avro", euro],
  ["Avro", euro],
  ["euro", { spoken: "euro", cents: "sent" }],
  ["Euro", { spoken: "euro", cents: "sent" }],
  ["£", pound],
  ["GBP", pound],
  ["sterlin", pound],
  ["CHF", { spoken: "İsviçre frangı", cents: "santim" }],
  ["JPY", { spoken: "yen", cents: "sen" }],
  ["¥", { spoken: "yen", cents: "sen" }],
]);

/** Sticky: a currency behind an amount. */
export const currencyBehind =
  / ?(₺|\$|€|£|¥|(?:TL|YTL|TRY|USD|EUR|GBP|CHF|JPY|[Ll]ira|Türk [Ll]irası|[Dd]olar|[Aa]vro|[Ee]uro|sterlin)(?![\p{L}\p{N}]))/uy;
/** Sticky: a currency before an amount. */
export const currencyBefore = /(?:[₺$€£¥]|(?:TL|TRY|USD|EUR|GBP|CHF|JPY)(?= ?\d)) ?/uy;

/** @param written a sign, code or name as the patterns above match it, without blanks around */
export function currencyOf(written: string): Currency | undefined {
  return currencies.get(written);
}

/** The reading of a currency's sign or code without an amount: "TL olarak" → lira olarak. */
export function currencyAlone(written: string): string | undefined {
  return /^(?:TL|TRY|YTL|USD|EUR|GBP|CHF|JPY|[₺$€£¥])$/u.test(written) ? currencies.get(written)?.spoken : undefined;
}
