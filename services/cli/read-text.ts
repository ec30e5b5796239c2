import type { CliSurroundings } from "./cli-surroundings.ts";
import { UsageError } from "./errors.ts";

const limitCharacters = 1 << 20;

/** The words of the command line, or all of stdin for `-` or where nothing is written and something is piped. @throws {UsageError} */
export async function readText(words: readonly string[], { stdin }: CliSurroundings): Promise<string> {
  const written = words.join(" ");
  const piped = written === "-" || (written === "" && words.length === 0 && stdin.isTTY !== true);
  const text = piped ? await readAll(stdin) : written;
  if (text.trim() === "") throw new UsageError("The text is empty.", "Metin boş olamaz.");
  return text;
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  stdin.setEncoding("utf8");
  let text = "";
  for await (const piece of stdin) {
    text += String(piece);
    if (text.length > limitCharacters) throw new UsageError("More than 1 MiB of text.", "Metin 1 MiB sınırını aşıyor.");
  }
  return text.replace(/\r?\n$/, "");
}
