import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadManifest, ManifestError } from "../../../services/inference/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-manifest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = "a".repeat(64);
const good = {
  schema: 1,
  base: { id: "taban", file: "base.gguf", sha256, bytes: 10 },
  adapters: [
    { name: "legal", version: "1", sector: "legal", file: "legal.gguf", sha256, bytes: 5, baseFingerprint: sha256 },
  ],
};

function load(content: unknown) {
  const path = join(folder, "manifest.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return loadManifest(path);
}

describe("loadManifest", () => {
  it("answers the manifest", () => {
    expect(load(good)).toEqual(good);
  });

  it("answers undefined where there is none", () => {
    expect(loadManifest(join(folder, "missing.json"))).toBeUndefined();
  });

  it("ignores what the training adds for people", () => {
    expect(load({ ...good, licence: "cc-by-sa-4.0" })).toMatchObject(good);
  });

  it("refuses what is not JSON", () => {
    expect(() => load("{")).toThrow(ManifestError);
  });

  it("names every fault at once", () => {
    const [adapter] = good.adapters;
    const bad = { schema: 2, base: { ...good.base, sha256: "zz" }, adapters: [{ ...adapter, bytes: 0 }] };
    try {
      load(bad);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toMatch(/schema.*sha256.*bytes/s);
    }
  });

  it("refuses an empty object", () => {
    expect(() => load({})).toThrow(ManifestError);
  });
});
