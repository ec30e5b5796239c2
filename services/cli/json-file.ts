import { readFile } from "node:fs/promises";
import { UsageError } from "./errors.ts";

/** @throws {UsageError} the file cannot be read */
export async function readTextFile(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((fault: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${fault.code}).`, `${path} okunamıyor (${fault.code}).`);
  });
}

/** @param place how a complaint names the text @throws {UsageError} it is not JSON */
export function parseJson(place: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new UsageError(`${place} is not JSON.`, `${place} geçerli JSON değil.`);
  }
}
