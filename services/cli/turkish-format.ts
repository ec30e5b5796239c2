const whole = new Intl.NumberFormat("tr-TR", { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat("tr-TR", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat("tr-TR", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** 1234 → `1.234` */
export function count(value: number): string {
  return whole.format(value);
}

/** 45.23 → `45,2` */
export function decimal(value: number): string {
  return oneDigit.format(value);
}

/** 0.943 → `0,94` */
export function probability(value: number): string {
  return twoDigits.format(value);
}

/** 1_500_000 → `1,4 MiB` */
export function mebibytes(bytes: number): string {
  return `${oneDigit.format(bytes / 1_048_576)} MiB`;
}

/** 850 → `850 ms`, 1530 → `1,53 sn` */
export function duration(ms: number): string {
  return ms < 1000 ? `${whole.format(ms)} ms` : `${twoDigits.format(ms / 1000)} sn`;
}

/**
 * Text from outside, fit for a terminal: control characters other than line feed and tab are dropped,
 * so that a reply cannot move the cursor, retitle the window or forge output.
 */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === "\n" || character === "\t" ? character : "",
  );
}
