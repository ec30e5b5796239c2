import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Described {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

const manifest = JSON.parse(readFileSync("models/speech/manifest.json", "utf8")) as {
  readonly syntheticOnly: boolean;
  readonly recognizer: Described;
  readonly tokens: Described;
  readonly languageModel: Described;
};

describe("the embedded recogniser's files", () => {
  test.each(["recognizer", "tokens", "languageModel"] as const)("are those that the manifest describes: %s", (part) => {
    const { file, sha256, bytes } = manifest[part];
    const content = readFileSync(`models/speech/${file}`);
    expect(content.length).toBe(bytes);
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
  });

  test("stay small enough to come with the platform", () => {
    expect(statSync("models/speech/tr-ctc-v1.onnx").size).toBeLessThanOrEqual(8_000_000);
    expect(statSync("models/speech/tr-lm-v1.bin").size).toBeLessThanOrEqual(4_000_000);
  });

  test("say that they know synthetic speech only: manifest, card and measurement", () => {
    expect(manifest.syntheticOnly).toBe(true);
    expect(readFileSync("models/speech/README.md", "utf8")).toContain("yalnızca sentetik");
    expect(readFileSync("docs/eval/speech.md", "utf8")).toContain("It says nothing about people");
  });
});
