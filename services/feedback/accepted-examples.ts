import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A line as `npm run router:train` reads it; `id` is the feedback's. */
interface Line {
  readonly text: string;
  readonly sector: string;
  readonly kind: "feedback";
  readonly id: string;
}

/** Reviewed examples on disk: `<sector>.jsonl` in the form of datasets/routing/train. Files are replaced whole, never half written. */
export class AcceptedExamples {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Adding the same one again changes nothing. */
  add(id: string, text: string, sector: string): void {
    const lines = this.#read(sector);
    if (lines.some((line) => line.id === id)) return;
    this.#write(sector, [...lines, { text, sector, kind: "feedback", id }]);
  }

  remove(ids: ReadonlySet<string>): void {
    if (ids.size === 0 || !existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith(".jsonl"))) {
      const sector = name.slice(0, -".jsonl".length);
      const lines = this.#read(sector);
      const left = lines.filter(({ id }) => !ids.has(id));
      if (left.length < lines.length) this.#write(sector, left);
    }
  }

  #read(sector: string): readonly Line[] {
    const path = this.#pathOf(sector);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as Line);
  }

  #write(sector: string, lines: readonly Line[]): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(sector);
    writeFileSync(`${path}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** @param sector one of the configured ids: letters, digits, underscores */
  #pathOf(sector: string): string {
    return join(this.#folder, `${sector}.jsonl`);
  }
}
