import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { RunFailure, RunOutput } from "../../../services/serverless/index.ts";
import { commandLine } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-handler-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const success: RunOutput = {
  response: "Merhaba",
  messages: [],
  status: "success",
  sector: null,
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, prompt_tokens_details: { cached_tokens: 0 } },
};

/** @param answers what the handler answers, or throws once it is interrupted */
function handler(answers: RunOutput | RunFailure | "interrupted") {
  const inputs: unknown[] = [];
  let open = 0;
  const ran = (args: readonly string[]) =>
    commandLine(["handler-test", ...args], {
      onInterrupt: (listener) => {
        if (answers === "interrupted") setImmediate(listener);
        return () => undefined;
      },
      openHandler: async () => {
        open += 1;
        return {
          coldStartMs: 1530,
          run: async (input, signal) => {
            inputs.push(input);
            if (answers !== "interrupted") return answers;
            return await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
          },
          [Symbol.asyncDispose]: async () => {
            open -= 1;
          },
        };
      },
    });
  return { ran, inputs, open: () => open };
}

describe("sektor handler-test", () => {
  it("runs the input of a file, and writes what the handler answers alone to stdout", async () => {
    const { ran, inputs, open } = handler(success);
    const file = join(folder, "test_input.json");
    writeFileSync(file, '\uFEFF{"id":"yerel","input":{"prompt":"merhaba"}}');
    const { code, stdout, stderr } = await ran([file]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(success);
    expect(stderr).toMatch(/^\[soğuk başlangıç 1,53 sn · iş \d+ ms\]\n$/);
    expect(inputs).toEqual([{ prompt: "merhaba" }]);
    expect(open()).toBe(0);
  });

  it("runs an input from the command line", async () => {
    const { ran, inputs } = handler(success);
    await ran(["--input", '{"input":{"prompt":"selam"}}']);
    expect(inputs).toEqual([{ prompt: "selam" }]);
  });

  it("writes a failure the same way, and ends with 1", async () => {
    const failure: RunFailure = { error: "The message is empty.", error_type: "empty_message", status: "error" };
    const { ran, open } = handler(failure);
    const { code, stdout } = await ran(["--input", '{"input":{"prompt":""}}']);
    expect({ code, output: JSON.parse(stdout) }).toEqual({ code: 1, output: failure });
    expect(open()).toBe(0);
  });

  it("starts no engine for what is no job", async () => {
    const { ran, inputs } = handler(success);
    expect((await ran(["--input", "[]"])).code).toBe(2);
    expect(inputs).toEqual([]);
  });

  it("ends with 130 at Ctrl-C, and closes the handler", async () => {
    const { ran, open } = handler("interrupted");
    const { code, stdout, stderr } = await ran(["--input", '{"input":{"prompt":"x"}}']);
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "", stderr: "Durduruldu.\n" });
    expect(open()).toBe(0);
  });
});
