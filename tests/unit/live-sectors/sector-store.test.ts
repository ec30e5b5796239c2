import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSector } from "../../../services/routing/live/run-time-sector.ts";
import { createSectorStore } from "../../../services/routing/live/sector-store.ts";
import { harmless, newSector, silent } from "./parts.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "sektor-sectors-")), "sectors");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const kept = { sector: readSector(newSector("vets", { threshold: 0.3 })), seconds: 12.5, figures: harmless };
const packed = { header: '{"a":1}', table: Uint8Array.of(1, 2, 3) };

describe("the sector store", () => {
  it("gives back what another life of the process kept", async () => {
    await createSectorStore(folder, silent).save(kept);
    expect(createSectorStore(folder, silent).load()).toEqual([kept]);
  });

  it("is empty before anything was kept", () => {
    const store = createSectorStore(folder, silent);
    expect(store.load()).toEqual([]);
    expect(store.loadWeights("a".repeat(64))).toBeUndefined();
  });

  it("writes files for the owner's eyes only, and leaves none half written", async () => {
    const store = createSectorStore(folder, silent);
    await store.save(kept);
    await store.saveWeights("k1", packed);
    const files = [join(folder, "vets.json"), join(folder, "weights/k1.json"), join(folder, "weights/k1.bin")];
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).sort()).toEqual(["vets.json", "weights"]);
  });

  it("keeps the weights of the latest key only", async () => {
    const store = createSectorStore(folder, silent);
    await store.saveWeights("k1", { ...packed, header: "old" });
    await store.saveWeights("k2", packed);
    expect(store.loadWeights("k1")).toBeUndefined();
    const found = store.loadWeights("k2");
    expect(found?.header).toBe(packed.header);
    expect([...(found?.table ?? [])]).toEqual([1, 2, 3]);
    expect((await readdir(join(folder, "weights"))).sort()).toEqual(["k2.bin", "k2.json"]);
  });

  it("forgets a removed sector", async () => {
    const store = createSectorStore(folder, silent);
    await store.save(kept);
    await store.remove("vets");
    await store.remove("vets");
    expect(store.load()).toEqual([]);
  });

  it("leaves files aside that are no sectors, names them in the log, and reads the others", async () => {
    const store = createSectorStore(folder, silent);
    await store.save(kept);
    await writeFile(join(folder, "broken.json"), "{");
    await writeFile(join(folder, "other.json"), await readFile(join(folder, "vets.json")));
    await writeFile(join(folder, "few.json"), JSON.stringify({ ...kept.sector, id: "few", examples: ["bir"] }));
    const refused: unknown[] = [];
    const log = { ...silentLog, error: (facts: object, event: string) => refused.push([event, facts]) };
    expect(createSectorStore(folder, log).load()).toEqual([kept]);
    expect(refused.map((line) => (line as [string, { file: string }])[1].file)).toEqual([
      "broken.json",
      "few.json",
      "other.json",
    ]);
  });

  it("says that the disk takes nothing where the folder cannot be made", async () => {
    await writeFile(folder, "a file where the folder should be");
    await expect(createSectorStore(folder, silent).save(kept)).rejects.toMatchObject({ code: "storage_full" });
  });
});

const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
