import { InvalidArgumentError } from "commander";

/** Reads an option's value as a whole number in [least, most]. */
export function integerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`${least} ile ${most} arasında bir tam sayı yazın.`);
    return value;
  };
}

/** Reads an option's value as a number in [least, most]; decimal point or comma. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`${least} ile ${most} arasında bir sayı yazın.`);
    return value;
  };
}

/** `a, b,c` → three names; at least one. */
export function nameList(text: string): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("En az bir ad yazın; birden çoğunu virgülle ayırın.");
  return names;
}
