import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileSha256, rememberedSha256 } from "../../../services/inference/file-fingerprint.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-fingerprint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const sha256 = (data: string): string => createHash("sha256").update(data).digest("hex");

describe("file fingerprints", () => {
  it("are the SHA-256 of the bytes", async () => {
    const path = join(folder, "small");
    writeFileSync(path, "merhaba");
    expect(await fileSha256(path)).toBe(sha256("merhaba"));
    writeFileSync(path, "");
    expect(await fileSha256(path)).toBe(sha256(""));
  });

  it("of a small file are always computed: another of the same size and time is noticed", async () => {
    const path = join(folder, "changing");
    const cache = join(folder, "small-cache.json");
    const then = new Date(1_700_000_000_000);
    for (const text of ["bir", "iki"]) {
      writeFileSync(path, text);
      utimesSync(path, then, then);
      expect(await rememberedSha256(path, cache)).toBe(sha256(text));
    }
    expect(existsSync(cache)).toBe(false);
  });

  it("of a large file are remembered until its size or time changes", async () => {
    const path = join(folder, "large");
    const cache = join(folder, "sub", "cache.json");
    writeFileSync(path, "x");
    truncateSync(path, 256 * 1024 * 1024);
    const first = await rememberedSha256(path, cache);
    const known = JSON.parse(readFileSync(cache, "utf8")) as Record<string, { sha256: string }>;
    for (const entry of Object.values(known)) entry.sha256 = "remembered";
    writeFileSync(cache, JSON.stringify(known));
    expect(await rememberedSha256(path, cache)).toBe("remembered");
    utimesSync(path, new Date(), new Date(1_700_000_000_000));
    expect(await rememberedSha256(path, cache)).toBe(first);
  });

  it("do without a cache that cannot be read", async () => {
    const path = join(folder, "large");
    const cache = join(folder, "broken.json");
    writeFileSync(cache, "{");
    expect(await rememberedSha256(path, cache)).toBe(await fileSha256(path));
  });

  it("stop being computed when the signal fires", async () => {
    const signal = AbortSignal.abort();
    await expect(fileSha256(join(folder, "large"), { signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("tell how far they are, to the last byte", async () => {
    const path = join(folder, "counted");
    writeFileSync(path, "x");
    truncateSync(path, 5 * 1024 * 1024 + 7);
    const seen: (readonly [number, number])[] = [];
    await rememberedSha256(path, join(folder, "counted.json"), { onProgress: (...told) => seen.push(told) });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((one, other) => one - other));
    expect(seen.at(-1)).toEqual([5 * 1024 * 1024 + 7, 5 * 1024 * 1024 + 7]);
  });

  it("of a large file that was noted while it was written are not computed again, unless it has changed since", async () => {
    const path = join(folder, "downloaded");
    const cache = join(folder, "downloaded.json");
    writeFileSync(path, "y");
    truncateSync(path, 256 * 1024 * 1024);
    expect(await rememberedSha256(path, cache, { noted: "as-downloaded" })).toBe("as-downloaded");
    expect(await rememberedSha256(path, cache)).toBe("as-downloaded");
    utimesSync(path, new Date(), new Date(1_700_000_000_000));
    expect(await rememberedSha256(path, cache, { noted: "as-downloaded" })).toBe(await fileSha256(path));
  });

  it("of a small file are computed whatever was noted", async () => {
    const path = join(folder, "small-download");
    writeFileSync(path, "merhaba");
    expect(await rememberedSha256(path, join(folder, "none.json"), { noted: "x" })).toBe(sha256("merhaba"));
  });
});
