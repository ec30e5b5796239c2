import { storable } from "../foundation/index.ts";

/** The value as every keeper can keep it: what JSON can say, without NUL and half surrogate pairs, in keys as well. */
export function storableJson(value: unknown): unknown {
  return cleaned(JSON.parse(JSON.stringify(value ?? null)));
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [storable(key), cleaned(one)]));
}
