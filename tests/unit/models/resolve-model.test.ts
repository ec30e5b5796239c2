import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ResolveModelOptions, resolveModel } from "../../../services/models/index.ts";
import { ggufBytes, type HubFileSpec, sha256Of, startHub, type TestHub } from "../../support/hub.ts";

const model = ggufBytes(3_000_000);
const place = "/acme/tiny/resolve/main/tiny.gguf";

let folder: string;
let hub: TestHub;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "models-"));
  hub = await startHub();
});

afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

function fetchModel(source: string, options: Partial<ResolveModelOptions> = {}) {
  return resolveModel(source, {
    cacheFolder: folder,
    hubUrl: hub.url,
    ...options,
    limits: { firstDelayMs: 1, maxDelayMs: 5, retries: 3, idleTimeoutMs: 5_000, ...options.limits },
  });
}

function serve(spec: Partial<HubFileSpec> = {}): void {
  hub.files.set(place, { bytes: model, ...spec });
}

const fromHub = "hf:acme/tiny/tiny.gguf";

async function sha256At(path: string): Promise<string> {
  return sha256Of(await readFile(path));
}

async function cachedNames(): Promise<string[]> {
  return (await readdir(folder, { recursive: true }))
    .filter((name) => /tiny\.gguf/.test(name))
    .map((name) => name.split("/").at(-1) ?? "");
}

describe("a model on disk", () => {
  test("is used where it lies, under the name of its file", async () => {
    const path = join(folder, "my-model.Q4_0.gguf");
    await writeFile(path, model);
    expect(await fetchModel(path)).toEqual({ path, id: "my-model.Q4_0" });
  });

  test("takes the id the settings give", async () => {
    const path = join(folder, "m.gguf");
    await writeFile(path, model);
    expect((await fetchModel(path, { id: "bizim-model" })).id).toBe("bizim-model");
  });

  test("is checked against the expected SHA-256 and left alone when it differs", async () => {
    const path = join(folder, "m.gguf");
    await writeFile(path, model);
    expect((await fetchModel(path, { sha256: sha256Of(model) })).sha256).toBe(sha256Of(model));
    await expect(fetchModel(path, { sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "model_checksum_mismatch",
    });
    expect(existsSync(path)).toBe(true);
  });

  test("must exist and be a file", async () => {
    await expect(fetchModel(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "model_file_not_found" });
    await expect(fetchModel(folder)).rejects.toMatchObject({ code: "model_file_not_found" });
  });
});

describe("a download", () => {
  test("brings the file, its SHA-256 and its id, and tells how far it is", async () => {
    serve();
    const seen: { receivedBytes: number; totalBytes: number | undefined }[] = [];
    const resolved = await fetchModel(fromHub, { onProgress: (progress) => seen.push(progress) });
    expect(resolved).toMatchObject({ id: "tiny", sha256: sha256Of(model) });
    expect(await sha256At(resolved.path)).toBe(sha256Of(model));
    expect(seen.at(-1)).toEqual({ receivedBytes: model.length, totalBytes: model.length });
    expect(seen.map(({ receivedBytes }) => receivedBytes)).toEqual(
      seen.map(({ receivedBytes }) => receivedBytes).sort((a, b) => a - b),
    );
  });

  test("happens once: the second start asks nobody", async () => {
    serve();
    await fetchModel(fromHub);
    await hub.close();
    expect(await fetchModel(fromHub)).toMatchObject({ id: "tiny", sha256: sha256Of(model) });
    expect(hub.requests).toHaveLength(1);
  });

  test("happens again when the cached file was cut short or another checksum is expected", async () => {
    serve();
    const { path } = await fetchModel(fromHub);
    await writeFile(path, model.subarray(0, 1000));
    await fetchModel(fromHub);
    expect(await sha256At(path)).toBe(sha256Of(model));
    const next = ggufBytes(500_000, 7);
    hub.files.set(place, { bytes: next });
    await fetchModel(fromHub, { sha256: sha256Of(next) });
    expect(await sha256At(path)).toBe(sha256Of(next));
  });

  test("takes any http address, and keeps equal names from different addresses apart", async () => {
    const other = ggufBytes(400_000, 9);
    hub.files.set("/a/tiny.gguf?v=1", { bytes: model });
    hub.files.set("/b/tiny.gguf", { bytes: other });
    const first = await fetchModel(`${hub.url}/a/tiny.gguf?v=1`);
    const second = await fetchModel(`${hub.url}/b/tiny.gguf`);
    expect(await sha256At(first.path)).toBe(sha256Of(model));
    expect(await sha256At(second.path)).toBe(sha256Of(other));
  });

  test("goes on after cut connections where each one broke off", async () => {
    serve({ cutAfter: [1_000_000, 500_000] });
    const { path } = await fetchModel(fromHub);
    expect(await sha256At(path)).toBe(sha256Of(model));
    expect(hub.requests.map(({ range }) => range)).toEqual([undefined, "bytes=1000000-", "bytes=1500000-"]);
  });

  test("goes on in a later run", async () => {
    serve({ cutAfter: [1_200_000] });
    await expect(fetchModel(fromHub, { limits: { retries: 0 } })).rejects.toMatchObject({
      code: "model_download_failed",
    });
    const { path, sha256 } = await fetchModel(fromHub);
    expect(hub.requests.at(-1)?.range).toBe("bytes=1200000-");
    expect(sha256).toBe(sha256Of(model));
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("begins anew when the server ignores ranges", async () => {
    serve({ cutAfter: [1_000_000], ignoreRange: true });
    const { path } = await fetchModel(fromHub);
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("begins anew when the server cannot prove that the file is the same", async () => {
    serve({ cutAfter: [1_000_000], noValidator: true });
    const { path } = await fetchModel(fromHub);
    expect(hub.requests.map(({ range }) => range)).toEqual([undefined, undefined]);
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("never joins two versions of a file", async () => {
    const later = ggufBytes(2_500_000, 5);
    serve({ cutAfter: [1_000_000], laterBytes: { afterRequests: 1, bytes: later } });
    const { path } = await fetchModel(fromHub);
    expect(await sha256At(path)).toBe(sha256Of(later));
  });

  test("of a part that is already whole only renames it", async () => {
    serve();
    const { path } = await fetchModel(fromHub);
    await writeFile(`${path}.part`, model);
    await writeFile(
      `${path}.part.json`,
      JSON.stringify({ validator: `"${sha256Of(model).slice(0, 16)}"`, totalBytes: model.length }),
    );
    await rm(path);
    await fetchModel(fromHub);
    expect(hub.requests.at(-1)?.range).toBe(`bytes=${model.length}-`);
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("rides out server errors", async () => {
    serve({ statuses: [503, 500, 429] });
    const { sha256 } = await fetchModel(fromHub);
    expect(sha256).toBe(sha256Of(model));
  });

  test("gives up after so many failures in a row and leaves no lock behind", async () => {
    serve({ statuses: [500, 500, 500, 500, 500] });
    await expect(fetchModel(fromHub, { limits: { retries: 2 } })).rejects.toMatchObject({
      code: "model_download_failed",
      status: 502,
    });
    expect(hub.requests).toHaveLength(3);
    expect(await cachedNames()).not.toContain("tiny.gguf.lock");
  });

  test("does not count repeating the same stretch as progress", async () => {
    serve({ cutAfter: Array.from({ length: 50 }, () => 2_000_000), ignoreRange: true });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({ code: "model_download_failed" });
    expect(hub.requests.length).toBeLessThan(10);
  });

  test("leaves a silent connection and goes on over another", async () => {
    serve({ stallAfter: 1_000_000 });
    const { path } = await fetchModel(fromHub, { limits: { idleTimeoutMs: 300 } });
    expect(await sha256At(path)).toBe(sha256Of(model));
    expect(hub.requests.at(-1)?.range).toBe("bytes=1000000-");
  });

  test("names an address nobody listens on", async () => {
    const { url } = hub;
    await hub.close();
    await expect(fetchModel(`${url}/x.gguf`, { limits: { retries: 1 } })).rejects.toMatchObject({
      code: "model_download_failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("ends with the caller's reason when aborted, and keeps what has arrived", async () => {
    serve({ pieceBytes: 50_000 });
    const stop = new AbortController();
    const reason = new Error("leave");
    const running = fetchModel(fromHub, {
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 500_000) stop.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect((await cachedNames()).sort()).toEqual(["tiny.gguf.part", "tiny.gguf.part.json"]);
    await fetchModel(fromHub);
    expect(hub.requests.at(-1)?.range).toMatch(/^bytes=\d{6,}-$/);
  });
});

describe("what must not be trusted", () => {
  test("a file with another checksum is refused and removed", async () => {
    serve();
    await expect(fetchModel(fromHub, { sha256: "a".repeat(64) })).rejects.toMatchObject({
      code: "model_checksum_mismatch",
      actual: sha256Of(model),
    });
    expect(await cachedNames()).toEqual([]);
  });

  test("a file that is not what the hub itself promised is refused", async () => {
    serve({ linkedSha256: "b".repeat(64) });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({
      code: "model_checksum_mismatch",
      expected: "b".repeat(64),
    });
  });

  test("a beginning spoilt by an earlier run is thrown away once", async () => {
    serve({ cutAfter: [1_000_000] });
    await expect(fetchModel(fromHub, { limits: { retries: 0 } })).rejects.toMatchObject({
      code: "model_download_failed",
    });
    const [part] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".part"));
    await writeFile(join(folder, part ?? ""), Buffer.alloc(1_000_000));
    const { path } = await fetchModel(fromHub, { sha256: sha256Of(model) });
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("a page instead of a model is refused", async () => {
    serve({ bytes: Buffer.from("<!doctype html><title>Sign in</title>") });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({ code: "model_not_gguf" });
    expect(await cachedNames()).toEqual([]);
  });

  test("what must be ggml is taken as such, and nothing else in its place", async () => {
    const whisper = Buffer.concat([Buffer.from("lmgg"), Buffer.alloc(1000, 7)]);
    serve({ bytes: whisper });
    const fromUrl = `${hub.url}${place}`;
    await expect(fetchModel(fromUrl)).rejects.toMatchObject({ code: "model_not_gguf" });
    const { path } = await fetchModel(fromUrl, { format: "ggml" });
    expect(await sha256At(path)).toBe(sha256Of(whisper));
    hub.files.set("/other.bin", { bytes: model });
    await expect(fetchModel(`${hub.url}/other.bin`, { format: "ggml" })).rejects.toThrow("not a ggml file");
  });

  test("redirects without end are refused", async () => {
    serve({ redirectTo: place });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({ code: "model_download_failed" });
  });
});

describe("the hub's token", () => {
  test("goes to the hub and not to where it redirects", async () => {
    const storage = await startHub({ "/blob": { bytes: model } });
    try {
      serve({ token: "gizli", redirectTo: `${storage.url}/blob` });
      const { sha256 } = await fetchModel(fromHub, { hubToken: "gizli" });
      expect(sha256).toBe(sha256Of(model));
      expect(hub.requests.map(({ authorization }) => authorization)).toEqual(["Bearer gizli"]);
      expect(storage.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    } finally {
      await storage.close();
    }
  });

  test("stays home when the model lies elsewhere", async () => {
    const elsewhere = await startHub({ "/m.gguf": { bytes: model } });
    try {
      await fetchModel(`${elsewhere.url}/m.gguf`, { hubToken: "gizli" });
      expect(elsewhere.requests[0]?.authorization).toBeUndefined();
    } finally {
      await elsewhere.close();
    }
  });

  test("is asked for when it is missing, and appears in no message", async () => {
    serve({ token: "gizli" });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({
      code: "model_access_denied",
      message: expect.stringContaining("HF_TOKEN"),
    });
    await expect(fetchModel(fromHub, { hubToken: "yanlis" })).rejects.toMatchObject({
      message: expect.not.stringContaining("yanlis"),
    });
  });

  test("does not keep a redirecting hub's checksum from being enforced on the storage's bytes", async () => {
    const storage = await startHub({ "/blob": { bytes: ggufBytes(100_000, 3) } });
    try {
      serve({ redirectTo: `${storage.url}/blob` });
      await expect(fetchModel(fromHub)).rejects.toMatchObject({
        code: "model_checksum_mismatch",
        expected: sha256Of(model),
      });
    } finally {
      await storage.close();
    }
  });
});

describe("the disk", () => {
  test("too small for the announced size is told before anything is written", async () => {
    serve({ claimedLength: 2 ** 52 });
    await expect(fetchModel(fromHub)).rejects.toMatchObject({ code: "model_disk_full", status: 507 });
  });

  test.runIf(existsSync("/dev/full"))("that fills up on the way is named", async () => {
    serve();
    const { path } = await fetchModel(fromHub);
    await rm(path);
    await symlink("/dev/full", `${path}.part`);
    await expect(fetchModel(fromHub)).rejects.toMatchObject({ code: "model_disk_full" });
  });

  test("that cannot be written is named", async () => {
    serve();
    const blocked = join(folder, "blocked");
    await writeFile(blocked, "a file where the folder should be");
    await expect(fetchModel(fromHub, { cacheFolder: blocked })).rejects.toMatchObject({
      code: "model_download_failed",
    });
  });
});

describe("two at once", () => {
  test("download the file one time", async () => {
    serve({ pieceBytes: 100_000 });
    const [first, second] = await Promise.all([fetchModel(fromHub), fetchModel(fromHub)]);
    expect(first).toEqual(second);
    expect(hub.requests).toHaveLength(1);
    expect(await sha256At(first.path)).toBe(sha256Of(model));
  });

  test("a lock left by a dead process keeps nobody out", async () => {
    serve();
    const { path } = await fetchModel(fromHub);
    await rm(path);
    await mkdir(dirname(path), { recursive: true });
    const { hostname } = await import("node:os");
    // A process id beyond every system's limit belongs to nobody.
    await writeFile(`${path}.lock`, JSON.stringify({ token: "t", pid: 2 ** 30, begunMs: 0, host: hostname() }));
    await fetchModel(fromHub);
    expect(await sha256At(path)).toBe(sha256Of(model));
  });

  test("a lock whose holder lives is waited for, but not for ever", async () => {
    serve();
    const { path } = await fetchModel(fromHub);
    await rm(path);
    const { hostname } = await import("node:os");
    const alive = { token: "t", pid: process.ppid, begunMs: 0, host: hostname() };
    await writeFile(`${path}.lock`, JSON.stringify(alive));
    await expect(fetchModel(fromHub, { limits: { lockWaitMs: 50 } })).rejects.toMatchObject({
      code: "model_download_failed",
    });
    expect(JSON.parse(await readFile(`${path}.lock`, "utf8"))).toEqual(alive);
  });
});
