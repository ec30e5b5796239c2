import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeOnnx } from "./onnx-writer.ts";

export const tinyVitsRate = 16_000;
/** At speed 1. */
export const tinyVitsSamplesPerLetter = 1600;
const letters = " abcçdefgğhıijklmnoöprsştuüvyz.,?";

/**
 * A folder with a VITS model that hums each letter at its own height: the shape sherpa-onnx expects, without any speech in it.
 * Samples of a letter: sin(0.02 · (letter + 1) · t), as many as `length_scale` asks for.
 */
export async function writeTinyVits(folder: string, speakers = 1): Promise<void> {
  const scalar = (name: string, value: number) => ({ name, type: "float" as const, shape: [], values: [value] });
  const model = writeOnnx({
    inputs: [
      { name: "x", type: "int64", shape: [1, "letters"] },
      { name: "x_length", type: "int64", shape: [1] },
      { name: "noise_scale", type: "float", shape: [1] },
      { name: "length_scale", type: "float", shape: [1] },
      { name: "noise_scale_w", type: "float", shape: [1] },
      ...(speakers > 1 ? [{ name: "sid", type: "int64" as const, shape: [1] }] : []),
    ],
    outputs: [{ name: "y", type: "float", shape: [1, 1, "samples"] }],
    constants: [
      { name: "column", type: "int64", shape: [3], values: [1, -1, 1] },
      { name: "flat", type: "int64", shape: [3], values: [1, 1, -1] },
      { name: "nothing", type: "int64", shape: [0], values: [] },
      scalar("zero", 0),
      scalar("one", 1),
      scalar("per_letter", tinyVitsSamplesPerLetter),
      scalar("height", 0.02),
      scalar("loudness", 0.3),
    ],
    nodes: [
      { operator: "Cast", inputs: ["x"], output: "letter", attributes: { to: 1 } },
      { operator: "Add", inputs: ["letter", "one"], output: "steps" },
      { operator: "Mul", inputs: ["steps", "height"], output: "heights" },
      { operator: "Reshape", inputs: ["heights", "column"], output: "each" },
      { operator: "Reshape", inputs: ["length_scale", "nothing"], output: "scale" },
      { operator: "Mul", inputs: ["scale", "per_letter"], output: "count" },
      { operator: "Range", inputs: ["zero", "count", "one"], output: "time" },
      { operator: "Mul", inputs: ["each", "time"], output: "phase" },
      { operator: "Sin", inputs: ["phase"], output: "wave" },
      { operator: "Mul", inputs: ["wave", "loudness"], output: "quiet" },
      { operator: "Reshape", inputs: ["quiet", "flat"], output: "y" },
    ],
    metadata: {
      model_type: "vits",
      comment: "test",
      language: "Turkish",
      frontend: "characters",
      sample_rate: String(tinyVitsRate),
      n_speakers: String(speakers),
      add_blank: "0",
      use_eos_bos: "0",
      punctuation: ". , ?",
    },
  });
  await writeFile(join(folder, "model.onnx"), model);
  const tokens = [...letters].map((letter, id) => `${letter} ${id}`).join("\n");
  await writeFile(join(folder, "tokens.txt"), `${tokens}\n`);
}
