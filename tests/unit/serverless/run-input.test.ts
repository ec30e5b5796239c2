import { describe, expect, it } from "vitest";
import { PlatformError } from "../../../services/foundation/index.ts";
import { readRunInput, turnOf } from "../../../services/serverless/run-input.ts";

function faultOf(value: unknown): { code: string; param: string | undefined } {
  try {
    readRunInput(value);
  } catch (fault) {
    if (fault instanceof PlatformError) return { code: fault.code, param: fault.param };
  }
  throw new Error("It was accepted.");
}

describe("a job's input", () => {
  it("needs no more than a prompt", () => {
    expect(turnOf(readRunInput({ prompt: "merhaba" }))).toEqual({
      message: "merhaba",
      history: [],
      sampling: {},
      forget: true,
    });
  });

  it("carries every parameter into the turn", () => {
    const input = {
      prompt: "soru",
      messages: [
        { role: "user", content: "önceki" },
        { role: "assistant", content: "yanıt" },
      ],
      max_new_tokens: 64,
      temperature: 0.7,
      top_p: 0.8,
      top_k: 20,
      repetition_penalty: 1.2,
      do_sample: true,
      sector: "legal",
    };
    expect(turnOf(readRunInput(input))).toEqual({
      message: "soru",
      history: input.messages,
      maxTokens: 64,
      sampling: { temperature: 0.7, topP: 0.8, topK: 20, repeatPenalty: 1.2 },
      sector: "legal",
      forget: true,
    });
  });

  it("takes the likeliest token without sampling, whatever the temperature", () => {
    expect(turnOf({ prompt: "x", do_sample: false, temperature: 1 }).sampling).toEqual({ temperature: 0 });
  });

  it("takes a system message at the head for the turn's own", () => {
    const messages = [
      { role: "system", content: "Kısa konuş." },
      { role: "user", content: "önceki" },
    ] as const;
    const turn = turnOf(readRunInput({ prompt: "soru", messages }));
    expect(turn).toMatchObject({ systemPrompt: "Kısa konuş.", history: [{ role: "user", content: "önceki" }] });
  });

  it("lets through what it does not know", () => {
    expect(readRunInput({ prompt: "x", seed: 1 })).toMatchObject({ prompt: "x" });
  });

  it.each([
    [undefined, "input"],
    [null, "input"],
    ["merhaba", "input"],
    [{}, "input"],
    [{ prompt: 5 }, "prompt"],
    [{ prompt: "x", temperature: 3 }, "temperature"],
    [{ prompt: "x", top_k: -1 }, "top_k"],
    [{ prompt: "x", max_new_tokens: 0 }, "max_new_tokens"],
    [{ prompt: "x", max_new_tokens: 1.5 }, "max_new_tokens"],
    [{ prompt: "x", repetition_penalty: 0 }, "repetition_penalty"],
    [{ prompt: "x", do_sample: "yes" }, "do_sample"],
    [{ prompt: "x", messages: "önceki" }, "messages"],
    [
      {
        prompt: "x",
        messages: [
          { role: "user", content: "a" },
          { role: "tool", content: "b" },
        ],
      },
      "messages.1.role",
    ],
    [{ prompt: "x", messages: [{ role: "user" }] }, "messages.0"],
    [
      {
        prompt: "x",
        messages: [
          { role: "user", content: "a" },
          { role: "system", content: "b" },
        ],
      },
      "messages.1",
    ],
  ])("%j is refused by the name of its field", (value, param) => {
    expect(faultOf(value)).toEqual({ code: "invalid_request", param });
  });
});
