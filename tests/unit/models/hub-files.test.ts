import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveModel } from "../../../services/models/index.ts";
import { ggufBytes, sha256Of, startHub, type TestHub } from "../../support/hub.ts";

const tree = "/api/models/acme/tiny/tree/main?recursive=true";
const resolved = "/acme/tiny/resolve/main/";

let folder: string;
let hub: TestHub;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-files-"));
  hub = await startHub();
});

afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

function put(
  path: string,
  bytes: Buffer,
): { type: string; path: string; size: number; lfs: { oid: string; size: number } } {
  hub.files.set(resolved + path, { bytes });
  return { type: "file", path, size: bytes.length, lfs: { oid: sha256Of(bytes), size: bytes.length } };
}

function resolveTiny(quantization: string) {
  return resolveModel(`hf:acme/tiny${quantization}`, {
    cacheFolder: folder,
    hubUrl: hub.url,
    limits: { retries: 1, firstDelayMs: 1, idleTimeoutMs: 5_000 },
  });
}

test("a quantization names its file, not a longer-named neighbour", async () => {
  const wanted = ggufBytes(5_000, 2);
  hub.json.set(tree, [
    put("tiny-Q4_K_M.gguf", ggufBytes(4_000)),
    put("tiny-Q4_K.gguf", wanted),
    { type: "directory", path: "x" },
  ]);
  const { path, id } = await resolveTiny(":q4_k");
  expect(id).toBe("tiny-Q4_K");
  expect(await readFile(path)).toEqual(wanted);
});

test("a repository with one model needs no quantization, and image encoders do not count", async () => {
  hub.json.set(tree, [put("only.f16.gguf", ggufBytes(4_000)), put("mmproj-f16.gguf", ggufBytes(3_000))]);
  expect((await resolveTiny("")).id).toBe("only.f16");
});

test("a repository with many models gives the usual quantization", async () => {
  hub.json.set(tree, [put("t-Q8_0.gguf", ggufBytes(4_000)), put("t-Q4_K_M.gguf", ggufBytes(4_000, 2))]);
  expect((await resolveTiny("")).id).toBe("t-Q4_K_M");
});

test("a choice once made needs no network", async () => {
  hub.json.set(tree, [put("t-Q8_0.gguf", ggufBytes(4_000))]);
  const first = await resolveTiny(":Q8_0");
  await hub.close();
  expect(await resolveTiny(":Q8_0")).toEqual(first);
});

test("a split model comes whole, part beside part, the first one being the path", async () => {
  const parts = [1, 2, 3].map((part) => put(`big/t-Q4_K_M-0000${part}-of-00003.gguf`, ggufBytes(4_000, part)));
  hub.json.set(tree, parts);
  const { path, id } = await resolveTiny(":Q4_K_M");
  expect(id).toBe("t-Q4_K_M");
  expect(basename(path)).toBe("t-Q4_K_M-00001-of-00003.gguf");
  expect(await readFile(join(dirname(path), "t-Q4_K_M-00003-of-00003.gguf"))).toEqual(ggufBytes(4_000, 3));
});

test("the next page of a long listing is read too", async () => {
  const page2 = "/api/models/acme/tiny/tree/main?recursive=true&cursor=2";
  hub.json.set(tree, [{ type: "file", path: "README.md" }]);
  hub.json.set(page2, [put("t-Q8_0.gguf", ggufBytes(4_000))]);
  hub.links.set(tree, `<${hub.url}${page2}>; rel="next"`);
  expect((await resolveTiny(":Q8_0")).id).toBe("t-Q8_0");
});

test("an unknown quantization is answered with what the repository has", async () => {
  hub.json.set(tree, [put("t-Q8_0.gguf", ggufBytes(4_000))]);
  await expect(resolveTiny(":Q2_K")).rejects.toMatchObject({
    code: "model_file_not_found",
    message: expect.stringContaining("t-Q8_0.gguf"),
  });
});

test("a listing that wants to leave the cache folder is not followed", async () => {
  hub.json.set(tree, [{ type: "file", path: "../../evil-Q8_0.gguf" }]);
  await expect(resolveTiny(":Q8_0")).rejects.toMatchObject({ code: "model_file_not_found" });
});

test("a listing that is no listing is a typed error", async () => {
  hub.json.set(tree, { error: "odd" });
  await expect(resolveTiny(":Q8_0")).rejects.toMatchObject({ code: "model_download_failed" });
});

test("what the listing promises about a file is enforced", async () => {
  const entry = put("t-Q8_0.gguf", ggufBytes(4_000));
  hub.json.set(tree, [{ ...entry, lfs: { ...entry.lfs, oid: "c".repeat(64) } }]);
  await expect(resolveTiny(":Q8_0")).rejects.toMatchObject({ code: "model_checksum_mismatch" });
});

test("an unknown repository is named", async () => {
  await expect(resolveTiny(":Q8_0")).rejects.toMatchObject({ code: "model_file_not_found" });
});
