const number = new Intl.NumberFormat("tr-TR", { maximumSignificantDigits: 3 });
const large = new Intl.NumberFormat("tr-TR", { notation: "compact", maximumSignificantDigits: 3 });
const binary = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A value in its unit (Grafana's names of units), as it is read in Turkish. */
export function inUnit(value: number, unit: string): string {
  if (unit === "percentunit") return `%${number.format(value * 100)}`;
  if (unit === "percent") return `%${number.format(value)}`;
  if (unit === "s") return seconds(value);
  if (unit === "bytes") return bytes(value);
  if (unit === "reqps") return `${number.format(value)}/sn`;
  return Math.abs(value) >= 10_000 ? large.format(value) : number.format(value);
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${number.format(value * 1e6)} µs`;
  if (size < 1) return `${number.format(value * 1000)} ms`;
  if (size < 120) return `${number.format(value)} s`;
  return size < 7200 ? `${number.format(value / 60)} dk` : `${number.format(value / 3600)} sa`;
}

function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(binary.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number.format(value / 1024 ** power)} ${binary[power]}`;
}
