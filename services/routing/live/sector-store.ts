import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Static, Type } from "typebox";
import type { Logger } from "../../foundation/index.ts";
import { firstFault } from "../../foundation/index.ts";
import { Sector } from "../../settings/index.ts";
import { StorageFullError } from "../../storage/index.ts";
import type { PackedWeights } from "./packed-weights.ts";
import type { RefitFigures } from "./refit-figures.ts";
import { type NewSector, type RunTimeSector, readSector } from "./run-time-sector.ts";

/** A sector as it is kept, with what was measured when it went live. */
export interface KeptSector {
  readonly sector: RunTimeSector;
  /** Seconds from the request until it was live. */
  readonly seconds: number | null;
  readonly figures: RefitFigures | null;
}

/** Where run-time sectors and the router that knows them outlive the process. */
export interface SectorStore {
  /** Files that cannot be used are named in the log and left alone. */
  load(): readonly KeptSector[];
  /** The router trained for exactly these sectors, if it was kept. */
  loadWeights(key: string): PackedWeights | undefined;
  /** @throws {StorageFullError} nothing has changed then */
  save(kept: KeptSector): Promise<void>;
  /** Replaces the weights of any other key. @throws {StorageFullError} */
  saveWeights(key: string, weights: PackedWeights): Promise<void>;
  remove(id: string): Promise<void>;
}

const SectorFile = Type.Object({
  schema: Type.Literal("sektor-sector-1"),
  ...Sector.properties,
  examples: Type.Array(Type.String()),
  seconds: Type.Union([Type.Number(), Type.Null()]),
  figures: Type.Union([Type.Object({}), Type.Null()]),
});
type SectorFile = Static<typeof SectorFile>;

const ownerOnly = 0o600;

/**
 * `<folder>/<id>.json`, one sector each, and `<folder>/weights/<key>.json` + `.bin`. Files appear whole (written beside and renamed) and are the
 * owner's alone: the examples are what people said.
 */
export function createSectorStore(folder: string, log: Logger): SectorStore {
  const weightsFolder = join(folder, "weights");
  const pathOf = (id: string): string => join(folder, `${id}.json`);

  const makeFolder = (path: string): void => {
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
  };

  async function write(path: string, content: string | Uint8Array): Promise<void> {
    const beside = `${path}.${randomUUID()}.part`;
    try {
      makeFolder(dirname(path));
      const file = await open(beside, "wx", ownerOnly);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (cause) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw new StorageFullError(cause);
    }
  }

  function read(file: string): KeptSector | undefined {
    try {
      const content: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const fault = firstFault(SectorFile, content);
      if (fault !== undefined) throw new Error(`${fault.instancePath} ${fault.message}`);
      const { schema: _schema, seconds, figures, ...given } = content as SectorFile;
      const sector = readSector(given as NewSector);
      if (`${sector.id}.json` !== file) throw new Error("its name is not its id");
      return { sector, seconds, figures: figures as RefitFigures | null };
    } catch (fault) {
      log.error({ file, reason: String(fault) }, "sector-file-refused");
      return undefined;
    }
  }

  return {
    load() {
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort()
        .flatMap((file) => read(file) ?? []);
    },
    loadWeights(key) {
      try {
        const [header, table] = [`${key}.json`, `${key}.bin`].map((file) => join(weightsFolder, file)) as [
          string,
          string,
        ];
        return existsSync(header) ? { header: readFileSync(header, "utf8"), table: readFileSync(table) } : undefined;
      } catch (fault) {
        log.warn({ reason: String(fault) }, "sector-weights-unreadable");
        return undefined;
      }
    },
    async save({ sector, seconds, figures }) {
      const content: SectorFile = {
        schema: "sektor-sector-1",
        ...sector,
        examples: [...sector.examples],
        seconds,
        figures,
      };
      await write(pathOf(sector.id), `${JSON.stringify(content, null, 2)}\n`);
    },
    async saveWeights(key, { header, table }) {
      await write(join(weightsFolder, `${key}.bin`), table);
      await write(join(weightsFolder, `${key}.json`), header);
      for (const file of await readdir(weightsFolder))
        if (!file.startsWith(key)) await rm(join(weightsFolder, file), { force: true });
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
    },
  };
}
