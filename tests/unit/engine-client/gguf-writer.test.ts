import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, describe, expect, it } from "vitest";
import { inspectAdapter } from "../../../services/inference/llama/inspect-adapter.ts";
import { blockTypes, toHalf } from "../../support/gguf-quantise.ts";
import { makeVocabulary } from "../../support/gguf-vocabulary.ts";
import { tinyShape, writeGguf, writeLora, writeTinyModel } from "../../support/gguf-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-gguf-"));
const file = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Read by another hand than ours: what the writer and our own reader both got wrong would not be seen. */
async function readWithLibrary(path: string) {
  const info = await readGgufFileInfo(path, { sourceType: "filesystem", logWarnings: false, spliceSplitFiles: false });
  return {
    metadata: info.metadata as unknown as Record<string, unknown>,
    tensors: (info.tensorInfo ?? []).map(({ name, dimensions, fileOffset }) => ({
      name,
      dimensions: dimensions.map(Number),
      fileOffset: Number(fileOffset),
    })),
  };
}

describe("the GGUF writer", () => {
  it("writes metadata of every type, and tensors where the header says they are", async () => {
    const path = file("types.gguf");
    writeGguf(path, {
      metadata: {
        "general.architecture": ["string", "llama"],
        "general.alignment": ["u32", 64],
        "deneme.sayi": ["u64", 5n],
        "deneme.eksi": ["i32", -7],
        "deneme.kesir": ["f64", 0.25],
        "deneme.evet": ["bool", true],
        "deneme.liste": ["array", "string", ["çığ", "öşü"]],
      },
      tensors: [
        { name: "bir", dimensions: [3], type: "F32", values: () => [Float32Array.of(1, 2, 3)] },
        {
          name: "iki",
          dimensions: [2, 2],
          type: "F16",
          values: () => [Float32Array.of(1, -2), Float32Array.of(0.5, 0)],
        },
      ],
    });
    const { metadata, tensors } = await readWithLibrary(path);
    expect(metadata["deneme"]).toMatchObject({ sayi: 5n, eksi: -7, kesir: 0.25, evet: true, liste: ["çığ", "öşü"] });
    expect(tensors.map(({ name, dimensions }) => [name, dimensions])).toEqual([
      ["bir", [3]],
      ["iki", [2, 2]],
    ]);
    const bytes = readFileSync(path);
    expect(tensors.every(({ fileOffset }) => fileOffset % 64 === 0)).toBe(true);
    expect(bytes.readFloatLE((tensors[0]?.fileOffset ?? 0) + 8)).toBe(3);
    expect(bytes.readUInt16LE((tensors[1]?.fileOffset ?? 0) + 2)).toBe(0xc000);
  });

  it("refuses a tensor of another length than it announced", () => {
    const tensor = { name: "x", dimensions: [4], type: "F32" as const, values: () => [new Float32Array(3)] };
    expect(() => writeGguf(file("short.gguf"), { metadata: {}, tensors: [tensor] })).toThrow(RangeError);
  });

  it("writes the same model for the same seed, and another for another", () => {
    for (const [name, seed] of [
      ["a", 1],
      ["b", 1],
      ["c", 2],
    ] as const)
      writeTinyModel(file(`${name}.gguf`), { seed });
    const [a, b, c] = ["a", "b", "c"].map((name) => readFileSync(file(`${name}.gguf`)));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
    expect(a?.equals(c ?? Buffer.alloc(0))).toBe(false);
  });

  it("writes quantised models that are smaller", () => {
    const sizes = (["F32", "F16", "Q8_0", "Q4_0"] as const).map((type) => {
      writeTinyModel(file(`${type}.gguf`), { type });
      return statSync(file(`${type}.gguf`)).size;
    });
    expect(sizes).toEqual([...sizes].sort((x, y) => y - x));
  });

  it("writes adapters the engine accepts, and the faulty ones it refuses", async () => {
    const look = (name: string) =>
      inspectAdapter({ id: name, path: file(name), baseArchitecture: "llama", baseSha256: "f".repeat(64) });
    writeLora(file("ok.gguf"), { rank: 8, alpha: 16, metadata: { "sektor.sector": ["string", "legal"] } });
    writeLora(file("zero.gguf"), { zero: true });
    writeLora(file("other.gguf"), { architecture: "gemma" });
    writeLora(file("foreign.gguf"), { metadata: { "sektor.base_sha256": ["string", "e".repeat(64)] } });
    expect(await look("ok.gguf")).toMatchObject({ rank: 8, alpha: 16, sector: "legal" });
    await expect(look("zero.gguf")).rejects.toMatchObject({ reason: "zero_effect" });
    await expect(look("other.gguf")).rejects.toMatchObject({ reason: "wrong_architecture" });
    await expect(look("foreign.gguf")).rejects.toMatchObject({ reason: "wrong_base" });
    await expect(look("a.gguf")).rejects.toMatchObject({ reason: "not_an_adapter" });
  });
});

describe("ggml's number formats", () => {
  const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * 1.7) * (i < 32 ? 1 : 20));
  const half = (bytes: Uint8Array, at: number): number => {
    const bits = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return (bits & 0x8000 ? -1 : 1) * 2 ** (((bits >> 10) & 31) - 15) * (1 + (bits & 1023) / 1024);
  };

  it("round halves as IEEE 754 does", () => {
    expect([0, 1, -2, 65504, 1e6, 2 ** -24, 1 / 3].map(toHalf)).toEqual([0, 0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0x3555]);
  });

  it("keep Q8_0 within half a step", () => {
    const bytes = blockTypes.Q8_0.encode(values);
    expect(bytes).toHaveLength(68);
    values.forEach((value, i) => {
      const at = Math.floor(i / 32) * 34;
      const step = half(bytes, at);
      expect(Math.abs((((bytes[at + 2 + (i % 32)] ?? 0) << 24) >> 24) * step - value)).toBeLessThan(step * 0.6);
    });
  });

  it("keep Q4_0 within a step, halves of a block in their nibbles", () => {
    const bytes = blockTypes.Q4_0.encode(values);
    expect(bytes).toHaveLength(36);
    values.forEach((value, i) => {
      const at = Math.floor(i / 32) * 18;
      const byte = bytes[at + 2 + (i % 16)] ?? 0;
      const step = half(bytes, at);
      expect(Math.abs(((i % 32 < 16 ? byte & 15 : byte >> 4) - 8) * step - value)).toBeLessThan(Math.abs(step) * 1.01);
    });
  });
});

describe("the made-up vocabulary", () => {
  it("has as many different tokens as asked for, up to a bench's 32 000", () => {
    for (const size of [400, 1024, 32_000]) {
      const { tokens, scores, types } = makeVocabulary(size);
      expect(new Set(tokens).size).toBe(size);
      expect([scores.length, types.length]).toEqual([size, size]);
    }
    expect(() => makeVocabulary(100)).toThrow(RangeError);
    expect(tinyShape.dimensions % tinyShape.heads).toBe(0);
  });
});
