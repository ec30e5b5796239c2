/** JSON from another system: looked at field by field, believed in nothing. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function parseObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function parseList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === "string" ? value : undefined;
}

export function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
