import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EvalInputError } from "./input-error.ts";

/** One line of a .jsonl file that is a JSON object. */
export interface JsonLine {
  /** `file:line`, for messages. */
  readonly where: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const faultsShown = 10;

/**
 * Every line of the files, read by `parse`; empty lines are passed over.
 * @param paths files, or folders whose .jsonl files are meant
 * @param parse a value, or a string that says what is wrong with the line
 * @throws {EvalInputError} naming up to ten faults at once as file:line
 */
export function readLines<T extends object>(paths: readonly string[], parse: (line: JsonLine) => T | string): T[] {
  const faults: string[] = [];
  const values: T[] = [];
  for (const file of paths.flatMap(filesOf)) {
    for (const [at, text] of readText(file).split("\n").entries()) {
      if (text.trim() === "") continue;
      const where = `${file}:${at + 1}`;
      const value = asObject(text);
      const parsed = typeof value === "string" ? value : parse({ where, value });
      if (typeof parsed === "string") faults.push(`${where}: ${parsed}`);
      else values.push(parsed);
    }
  }
  if (faults.length > 0) throw new EvalInputError(listed(faults));
  if (values.length === 0) throw new EvalInputError(`${paths.join(", ")}: there is not one line in it`);
  return values;
}

/** A non-empty string field, or undefined. */
export function textField(value: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const field = value[name];
  return typeof field === "string" && field.trim() !== "" ? field : undefined;
}

/** At most `limit` of them, spread evenly: the files are sorted by sector, so the first ones would be one sector's. */
export function spread<T>(all: readonly T[], limit: number | undefined): readonly T[] {
  if (limit === undefined || limit >= all.length) return all;
  return Array.from({ length: limit }, (_, at) => all[Math.floor((at * all.length) / limit)] as T);
}

/** @throws {EvalInputError} naming the file */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new EvalInputError(`${file}: cannot be read`);
  }
}

function asObject(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return "not a JSON object";
  } catch {
    return "not JSON";
  }
}

function filesOf(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new EvalInputError(`${path}: there is no such file`);
  if (!found.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(".jsonl"));
  return names.sort().map((name) => join(path, name));
}

function listed(faults: readonly string[]): string {
  const more = faults.length - faultsShown;
  return [...faults.slice(0, faultsShown), ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
}
