import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Static, Type } from "typebox";
import Value from "typebox/value";

/** How the hub wants one large file: parts at these addresses, then a word to the address that joins them. */
const Started = Type.Object({
  href: Type.String(),
  /** `chunk_size`, and the address of each part by its number. */
  header: Type.Record(Type.String(), Type.String()),
  /** Of the parts that have arrived: the storage's receipt, by their number. */
  receipts: Type.Record(Type.String(), Type.String()),
});
export type StartedUpload = Static<typeof Started>;
const Journal = Type.Record(Type.String(), Started);

/**
 * Large files that were begun and not finished, so that another run goes on with their parts. The file lets whoever has it write to the
 * storage until the hub's addresses expire: only its owner can read it.
 */
export class UploadJournal {
  readonly #path: string;
  readonly #started: Record<string, StartedUpload>;

  /** A journal that is missing or damaged begins anew. */
  constructor(path: string) {
    this.#path = path;
    this.#started = read(path);
  }

  get(sha256: string): StartedUpload | undefined {
    return this.#started[sha256];
  }

  begin(sha256: string, { href, header }: Pick<StartedUpload, "href" | "header">): void {
    this.#started[sha256] = { href, header, receipts: {} };
    this.#write();
  }

  /** The part at this address, if it is one of ours. */
  partAt(
    url: string,
  ): { readonly sha256: string; readonly part: string; readonly receipt: string | undefined } | undefined {
    for (const [sha256, { header, receipts }] of Object.entries(this.#started)) {
      const part = Object.keys(header).find((name) => header[name] === url);
      if (part !== undefined) return { sha256, part, receipt: receipts[part] };
    }
    return undefined;
  }

  /** The file whose parts are joined at this address, if it is one of ours. */
  joinedAt(url: string): string | undefined {
    return Object.entries(this.#started).find(([, { href }]) => href === url)?.[0];
  }

  arrived(sha256: string, part: string, receipt: string): void {
    const started = this.#started[sha256];
    if (started === undefined) return;
    started.receipts[part] = receipt;
    this.#write();
  }

  /** It is whole now, or can no longer be gone on with. */
  forget(sha256: string): void {
    delete this.#started[sha256];
    this.#write();
  }

  #write(): void {
    if (Object.keys(this.#started).length === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    mkdirSync(dirname(this.#path), { recursive: true });
    const fresh = `${this.#path}.new`;
    writeFileSync(fresh, JSON.stringify(this.#started), { mode: 0o600 });
    renameSync(fresh, this.#path);
  }
}

function read(path: string): Record<string, StartedUpload> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Value.Check(Journal, value) ? value : {};
  } catch {
    return {};
  }
}
