import { readFileSync } from "node:fs";

const file = "datasets/routing/test/sectors.jsonl";

export interface Message {
  readonly sector: string;
  readonly text: string;
}

/** What people might ask, one of every sector in turn: lines of the router's test set. */
export function messages(): readonly Message[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Message);
  const sectors = [...new Set(lines.map(({ sector }) => sector))];
  const bySector = sectors.map((id) => lines.filter(({ sector }) => sector === id));
  const longest = Math.max(...bySector.map(({ length }) => length));
  return Array.from({ length: longest }, (_, line) => bySector.flatMap((sector) => sector[line] ?? [])).flat();
}
