import { existsSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, resolve, sep } from "node:path";
import type { Logger } from "../../foundation/index.ts";
import { adapterIdOf, compareVersionsDescending, parseAdapterId } from "../adapter-id.ts";
import { AdapterNotFoundError, AdapterRejectedError } from "../errors.ts";
import type { Manifest } from "../manifest.ts";
import { type AdapterFacts, inspectAdapter } from "./inspect-adapter.ts";

export interface CatalogEntry extends AdapterFacts {
  /** `name@version` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly version: string;
}

export interface CatalogOptions {
  readonly folder: string;
  readonly manifest: Manifest | undefined;
  readonly base: { readonly sha256: string; readonly architecture: string | null };
  readonly log: Logger;
}

/** Every adapter that was looked at and may be served. Refused files are logged with their reason and stay out. */
export class AdapterCatalog {
  readonly #options: CatalogOptions;
  readonly #entries = new Map<string, CatalogEntry>();

  private constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** Looks at what the manifest lists and at every other .gguf in the folder. */
  static async open(options: CatalogOptions): Promise<AdapterCatalog> {
    const catalog = new AdapterCatalog(options);
    for (const candidate of await catalog.#candidates()) {
      try {
        await catalog.#admit(candidate);
      } catch (refusal) {
        const reason = refusal instanceof AdapterRejectedError ? refusal.reason : "unreadable";
        options.log.warn({ adapter: candidate.id ?? basename(candidate.path), reason }, "adapter-refused");
      }
    }
    return catalog;
  }

  get all(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  /** @param id `name@version`, or `name` for its newest version. @throws {AdapterNotFoundError} */
  find(id: string): CatalogEntry {
    const entry = this.lookUp(id);
    if (entry === undefined) throw new AdapterNotFoundError(id);
    return entry;
  }

  /** As `find`; undefined where there is none. */
  lookUp(id: string): CatalogEntry | undefined {
    const exact = this.#entries.get(id);
    if (exact !== undefined) return exact;
    const versions = this.all.filter((entry) => entry.name === id);
    versions.sort((a, b) => compareVersionsDescending(a.version, b.version));
    return versions[0];
  }

  /** The id under which `nameOrId` is already there; a bare name stands for its version 1. */
  knows(nameOrId: string): string | undefined {
    const { name, version = "1" } = parseAdapterId(nameOrId);
    const id = adapterIdOf({ name, version });
    return this.has(id) ? id : undefined;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /**
   * Adds one file at run time.
   * @param id `name@version`, or a bare name, whose version then comes from the file or is "1"
   * @param path relative to the adapter folder, or absolute inside it
   * @throws {AdapterRejectedError} nothing changes then
   */
  async add(id: string, path: string): Promise<CatalogEntry> {
    const inside = await this.#insideFolder(id, path);
    const { name, version } = parseAdapterId(id);
    return await this.#admit({ path: inside, name, ...(version === undefined ? {} : { version }), id });
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  /** Undoes an `add`. @param previous what had this id before, if anything */
  restore(id: string, previous: CatalogEntry | undefined): void {
    if (previous === undefined) this.#entries.delete(id);
    else this.#entries.set(id, previous);
  }

  async #admit(candidate: Candidate): Promise<CatalogEntry> {
    const { base } = this.#options;
    const facts = await inspectAdapter({
      id: candidate.id ?? basename(candidate.path),
      path: candidate.path,
      baseArchitecture: base.architecture,
      baseSha256: base.sha256,
      ...(candidate.sha256 === undefined ? {} : { sha256: candidate.sha256 }),
      ...(candidate.trainedOnSha256 === undefined ? {} : { trainedOnSha256: candidate.trainedOnSha256 }),
    });
    const name = candidate.name ?? facts.sector ?? nameFromFile(candidate.path).name;
    const version = candidate.version ?? facts.version ?? nameFromFile(candidate.path).version;
    const entry: CatalogEntry = {
      ...facts,
      id: adapterIdOf({ name, version }),
      name,
      version,
      path: candidate.path,
      sector: candidate.sector ?? facts.sector ?? name,
    };
    this.#entries.set(entry.id, entry);
    return entry;
  }

  async #candidates(): Promise<readonly Candidate[]> {
    const { folder, manifest } = this.#options;
    const listed: Candidate[] = (manifest?.adapters ?? []).map((adapter) => ({
      id: adapterIdOf(adapter),
      path: resolve(folder, basename(adapter.file)),
      name: adapter.name,
      version: adapter.version,
      sector: adapter.sector,
      sha256: adapter.sha256,
      trainedOnSha256: adapter.baseFingerprint,
    }));
    const known = new Set(listed.map((candidate) => candidate.path));
    const files = existsSync(folder) ? (await readdir(folder)).filter((file) => file.endsWith(".gguf")).sort() : [];
    const others = files.map((file) => resolve(folder, file)).filter((path) => !known.has(path));
    return [...listed.filter((candidate) => existsSync(candidate.path)), ...others.map((path) => ({ path }))];
  }

  async #insideFolder(id: string, path: string): Promise<string> {
    const outside = (): never => {
      throw new AdapterRejectedError(id, "outside_folder", "only files in the adapter folder can be loaded");
    };
    const wanted = resolve(this.#options.folder, path);
    const folder = await realpath(this.#options.folder).catch(outside);
    const real = await realpath(wanted).catch(() => {
      if (!wanted.startsWith(resolve(this.#options.folder) + sep)) return outside();
      throw new AdapterRejectedError(id, "not_found", "the file is not there");
    });
    return real.startsWith(folder + sep) ? real : outside();
  }
}

interface Candidate {
  readonly path: string;
  readonly id?: string;
  readonly name?: string;
  readonly version?: string;
  readonly sector?: string;
  readonly sha256?: string;
  readonly trainedOnSha256?: string;
}

/** `finance_banking-v2.gguf` → finance_banking, 2; without a version it is 1. */
function nameFromFile(path: string): { name: string; version: string } {
  const stem = basename(path, ".gguf");
  const match = /^(.+?)[-@]v?(\d[\w.]*)$/.exec(stem);
  return match === null ? { name: stem, version: "1" } : { name: match[1] ?? stem, version: match[2] ?? "1" };
}
