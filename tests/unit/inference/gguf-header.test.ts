import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readGgufHeader } from "../../../services/inference/llama/gguf-header.ts";
import { writeLora, writeTinyModel } from "../../support/gguf-writer.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

describe("readGgufHeader", () => {
  it("reads metadata and tensors of a model", async () => {
    writeTinyModel(file("base.gguf"));
    const header = await readGgufHeader(file("base.gguf"));
    expect(header.metadata["general"]).toMatchObject({ architecture: "llama", type: "model" });
    expect(header.metadata["llama"]).toMatchObject({ context_length: 512, attention: { head_count: 4 } });
    expect(header.tensors.find(({ name }) => name === "token_embd.weight")).toMatchObject({
      dimensions: [64, 1024],
      type: 0,
    });
  });

  it("knows where each tensor lies", async () => {
    writeLora(file("lora.gguf"), { type: "F32", seed: 3 });
    const { tensors } = await readGgufHeader(file("lora.gguf"));
    const last = tensors.at(-1);
    expect(Math.max(...tensors.map(({ fileOffset }) => fileOffset))).toBe(last?.fileOffset);
    const bytes = (last?.dimensions ?? []).reduce((product, n) => product * n, 4);
    expect((last?.fileOffset ?? 0) + bytes).toBeLessThanOrEqual(readFileSync(file("lora.gguf")).length);
    expect(tensors.every(({ fileOffset }) => fileOffset % 32 === 0)).toBe(true);
  });

  it("refuses every header that was cut off", async () => {
    writeLora(file("whole.gguf"), { layers: 1 });
    const bytes = readFileSync(file("whole.gguf"));
    const { tensors } = await readGgufHeader(file("whole.gguf"));
    const headerEnd = Math.min(...tensors.map(({ fileOffset }) => fileOffset)) - 32;
    for (let length = 0; length < headerEnd; length += 7) {
      writeFileSync(file("cut.gguf"), bytes.subarray(0, length));
      await expect(readGgufHeader(file("cut.gguf")), `${length} bytes`).rejects.toThrow();
    }
  });

  it("answers or refuses, but never hangs or grows, whatever bytes were changed", async () => {
    writeLora(file("whole.gguf"), { layers: 1 });
    const bytes = readFileSync(file("whole.gguf"));
    const random = seededRandom(1);
    let refused = 0;
    for (let i = 0; i < 300; i++) {
      const spoiled = Buffer.from(bytes);
      for (let n = 0; n < 8; n++) spoiled[Math.floor(random() * 1500)] = Math.floor(random() * 256);
      writeFileSync(file("spoiled.gguf"), spoiled);
      await readGgufHeader(file("spoiled.gguf")).catch(() => refused++);
    }
    expect(refused).toBeGreaterThan(100);
  });

  it("does not let a key reach the prototype of objects", async () => {
    writeLora(file("proto.gguf"), { metadata: { "__proto__.polluted": ["bool", true], "constructor.x": ["u32", 1] } });
    await readGgufHeader(file("proto.gguf"));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
