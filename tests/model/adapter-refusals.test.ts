import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AdapterRejectedError,
  type AdapterRejection,
  BaseModelRejectedError,
  type Manifest,
} from "../../services/inference/index.ts";
import { tinyShape, writeGguf, writeLora } from "../support/gguf-writer.ts";
import { openTinyEngine, say, type TinyEngine } from "../support/tiny-engine.ts";
import { silentLog } from "../support/tiny-model.ts";

let tiny: TinyEngine;
let before: string;
beforeAll(async () => {
  tiny = await openTinyEngine({ adapters: 1 });
  before = (await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text;
});
afterAll(() => tiny.close());

const inFolder = (name: string): string => join(tiny.adapterFolder, name);
const tensor = (name: string, dimensions: readonly number[], value = 0.5) => ({
  name,
  dimensions,
  type: "F32" as const,
  values: () => [new Float32Array(dimensions.reduce((product, n) => product * n, 1)).fill(value)],
});
const loraMetadata = {
  "general.architecture": ["string", "llama"],
  "general.type": ["string", "adapter"],
  "adapter.type": ["string", "lora"],
  "adapter.lora.alpha": ["f32", 4],
} as const;

const refusals: readonly [why: string, reason: AdapterRejection, write: (path: string) => void][] = [
  [
    "is cut off in its weights",
    "truncated",
    (path) => {
      writeLora(path);
      truncateSync(path, readFileSync(path).length - 5000);
    },
  ],
  [
    "is cut off in its header",
    "truncated",
    (path) => {
      writeLora(path);
      truncateSync(path, 300);
    },
  ],
  [
    "claims more in its header than any file holds",
    "truncated",
    (path) => {
      const header = Buffer.alloc(64);
      header.write("GGUF");
      header.writeUInt32LE(3, 4);
      header.writeBigUInt64LE(2n ** 40n, 8);
      header.writeBigUInt64LE(2n ** 40n, 16);
      writeFileSync(path, header);
    },
  ],
  ["is not a GGUF", "not_a_gguf", (path) => writeFileSync(path, "PK\u0003\u0004 not this")],
  ["is empty", "not_a_gguf", (path) => writeFileSync(path, "")],
  ["is a whole model", "not_an_adapter", (path) => copyFileSync(join(tiny.folder, "base.gguf"), path)],
  ["is for another architecture", "wrong_architecture", (path) => writeLora(path, { architecture: "gemma2" })],
  [
    "was trained on another base with the same shapes",
    "wrong_base",
    (path) => writeLora(path, { metadata: { "sektor.base_sha256": ["string", "f".repeat(64)] } }),
  ],
  ["would change nothing", "zero_effect", (path) => writeLora(path, { zero: true })],
  [
    "would change nothing because one half is zero",
    "zero_effect",
    (path) =>
      writeGguf(path, {
        metadata: loraMetadata,
        tensors: [tensor("blk.0.attn_q.weight.lora_a", [64, 4]), tensor("blk.0.attn_q.weight.lora_b", [4, 64], 0)],
      }),
  ],
  [
    "mixes ranks",
    "unsupported_rank",
    (path) =>
      writeGguf(path, {
        metadata: loraMetadata,
        tensors: [
          tensor("blk.0.attn_q.weight.lora_a", [64, 4]),
          tensor("blk.0.attn_q.weight.lora_b", [4, 64]),
          tensor("blk.1.attn_q.weight.lora_a", [64, 8]),
          tensor("blk.1.attn_q.weight.lora_b", [8, 64]),
        ],
      }),
  ],
  ["has too large a rank", "unsupported_rank", (path) => writeLora(path, { rank: 257 })],
  [
    "has other shapes than the base",
    "refused_by_engine",
    (path) => writeLora(path, { ...tinyShape, dimensions: 128, heads: 8 }),
  ],
  [
    "names a layer the base does not have",
    "refused_by_engine",
    (path) =>
      writeGguf(path, {
        metadata: loraMetadata,
        tensors: [tensor("blk.9.attn_q.weight.lora_a", [64, 4]), tensor("blk.9.attn_q.weight.lora_b", [4, 64])],
      }),
  ],
];

describe("loading an adapter at run time", () => {
  it.each(refusals)("refuses a file that %s (%s), and what served before goes on", async (_, reason, write) => {
    const path = inFolder("candidate.gguf");
    write(path);
    const refused = tiny.engine.loadAdapter({ name: "yeni@1", path: "candidate.gguf" });
    await expect(refused).rejects.toBeInstanceOf(AdapterRejectedError);
    await expect(refused).rejects.toMatchObject({ reason, code: `adapter_${reason}`, status: 400 });
    const { adapters } = await tiny.engine.status();
    expect(adapters.map(({ id }) => id)).toEqual(["a1@1"]);
    expect((await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text).toBe(before);
    rmSync(path);
  });

  it.each(refusals)("keeps the old version when its replacement %s", async (_, reason, write) => {
    write(inFolder("candidate.gguf"));
    await expect(
      tiny.engine.loadAdapter({ name: "a1@1", path: "candidate.gguf", loadInPlace: true }),
    ).rejects.toMatchObject({ reason });
    const { adapters } = await tiny.engine.status();
    expect(adapters.map(({ id, file }) => [id, file])).toEqual([["a1@1", "a1-v1.gguf"]]);
    expect((await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text).toBe(before);
    rmSync(inFolder("candidate.gguf"));
  });

  it("replaces an adapter in place, also while it is in use", async () => {
    writeLora(inFolder("other.gguf"), { seed: 55 });
    const running = say(tiny.engine, "merhaba", { adapterId: "a1@1", maxTokens: 60 });
    await tiny.engine.loadAdapter({ name: "a1@1", path: "other.gguf", loadInPlace: true });
    expect((await running).text.startsWith(before)).toBe(true);
    expect((await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text).not.toBe(before);
    await tiny.engine.loadAdapter({ name: "a1@1", path: "a1-v1.gguf", loadInPlace: true });
    expect((await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text).toBe(before);
    rmSync(inFolder("other.gguf"));
  });

  it("does not let another file take an id that serves", async () => {
    writeLora(inFolder("other.gguf"), { seed: 55, metadata: { "sektor.version": ["string", "1"] } });
    for (const name of ["a1@1", "a1"]) {
      await expect(tiny.engine.loadAdapter({ name, path: "other.gguf" })).rejects.toMatchObject({
        code: "adapter_already_loaded",
      });
    }
    expect((await say(tiny.engine, "merhaba", { adapterId: "a1@1" })).text).toBe(before);
    rmSync(inFolder("other.gguf"));
  });

  it.each([
    ["above the folder", "../outside.gguf"],
    ["above the folder by a detour", "x/../../outside.gguf"],
    ["that is not there, above the folder", "../nothing.gguf"],
    ["behind a link", "link.gguf"],
    ["behind a linked folder", "linked/outside.gguf"],
    ["of the system", "/etc/passwd"],
    ["that is the folder itself", "."],
  ])("refuses a path %s", async (_, path) => {
    writeLora(join(tiny.folder, "outside.gguf"), { seed: 9 });
    rmSync(inFolder("link.gguf"), { force: true });
    rmSync(inFolder("linked"), { force: true });
    symlinkSync(join(tiny.folder, "outside.gguf"), inFolder("link.gguf"));
    symlinkSync(tiny.folder, inFolder("linked"));
    await expect(tiny.engine.loadAdapter({ name: "yeni@1", path })).rejects.toMatchObject({
      code: "adapter_outside_folder",
    });
    rmSync(inFolder("link.gguf"));
    rmSync(inFolder("linked"));
  });

  it("accepts an absolute path inside the folder", async () => {
    writeLora(inFolder("inside.gguf"), { seed: 10 });
    await tiny.engine.loadAdapter({ name: "ic@1", path: inFolder("inside.gguf") });
    expect((await say(tiny.engine, "merhaba", { adapterId: "ic@1" })).text).not.toBe(before);
    await tiny.engine.unloadAdapter("ic@1");
  });

  it("says that a file is not there", async () => {
    await expect(tiny.engine.loadAdapter({ name: "yeni@1", path: "nothing.gguf" })).rejects.toMatchObject({
      code: "adapter_not_found",
      status: 404,
    });
    mkdirSync(inFolder("sub"));
    await expect(tiny.engine.loadAdapter({ name: "yeni@1", path: "sub" })).rejects.toMatchObject({ status: 404 });
    rmSync(inFolder("sub"), { recursive: true });
  });
});

describe("opening the engine", () => {
  it("leaves refused files out, logs each with its reason, and serves the others", async () => {
    const opened = await openTinyEngine({
      adapters: 2,
      prepare: ({ adapterFolder }) => {
        writeLora(join(adapterFolder, "sifir-v1.gguf"), { zero: true });
        writeFileSync(join(adapterFolder, "bos-v1.gguf"), "");
      },
    });
    expect((await opened.engine.status()).adapters.map(({ id }) => id)).toEqual(["a1@1", "a2@1"]);
    expect(opened.warnings).toEqual([
      { facts: { adapter: "bos-v1.gguf", reason: "not_a_gguf" }, event: "adapter-refused" },
      { facts: { adapter: "sifir-v1.gguf", reason: "zero_effect" }, event: "adapter-refused" },
    ]);
    await opened.close();
  });

  it("refuses a file whose bytes or base are not those of the manifest", async () => {
    const adapter = (name: string, sha256: string, baseFingerprint: string) => ({
      name,
      version: "1",
      sector: name,
      file: `adapters/${name}-v1.gguf`,
      sha256,
      bytes: 1,
      baseFingerprint,
    });
    const adapters: Manifest["adapters"] = [];
    const manifest: Manifest = {
      schema: 1,
      base: { id: "tiny", file: "base.gguf", sha256: "0".repeat(64), bytes: 1 },
      adapters,
    };
    const opened = await openTinyEngine({
      adapters: 3,
      manifest,
      prepare: ({ adapterFolder, baseSha256 }) => {
        const sha256 = (name: string): string =>
          createHash("sha256")
            .update(readFileSync(join(adapterFolder, `${name}-v1.gguf`)))
            .digest("hex");
        adapters.push(
          adapter("a1", sha256("a1"), baseSha256),
          adapter("a2", "b".repeat(64), baseSha256),
          adapter("a3", sha256("a3"), "c".repeat(64)),
        );
      },
    });
    expect((await opened.engine.status()).adapters.map(({ id }) => id)).toEqual(["a1@1"]);
    expect(opened.warnings.map(({ facts }) => facts)).toEqual([
      { adapter: "a2@1", reason: "checksum_mismatch" },
      { adapter: "a3@1", reason: "wrong_base" },
    ]);
    await opened.close();
  });

  it.each([
    ["is cut off", (path: string) => truncateSync(path, 200_000)],
    ["is cut off in its header", (path: string) => truncateSync(path, 1000)],
    ["is not a GGUF", (path: string) => writeFileSync(path, "merhaba")],
    ["is empty", (path: string) => writeFileSync(path, "")],
    ["is an adapter", (path: string) => writeLora(path)],
    [
      "has a broken header",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 24, 400);
        writeFileSync(path, bytes);
      },
    ],
  ])("refuses a base model that %s", async (_, spoil) => {
    const opened = openTinyEngine({ prepare: ({ folder }) => spoil(join(folder, "base.gguf")), log: silentLog });
    await expect(opened).rejects.toBeInstanceOf(BaseModelRejectedError);
  });

  it("refuses a base model that is not there", async () => {
    const missing = openTinyEngine({ base: { id: "x", path: join(tiny.folder, "missing.gguf"), sha256: "" } });
    await expect(missing).rejects.toBeInstanceOf(BaseModelRejectedError);
  });
});
