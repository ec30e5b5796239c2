import { readFileSync } from "node:fs";

/** What people write: the router's test messages, in the order of the file. */
export function testMessages(): readonly string[] {
  return readFileSync("datasets/routing/test/sectors.jsonl", "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => (JSON.parse(line) as { text: string }).text);
}
