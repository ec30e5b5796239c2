import { describe, expect, it } from "vitest";
import { UnsupportedFeatureError } from "../../../services/inference/index.ts";
import { choicePathFor } from "../../../services/inference/llama/response-choice.ts";

/** Tokens are code points. */
const model = { tokenize: (text: string) => [...text].map((letter) => letter.codePointAt(0) ?? 0), endTokens: [0] };
const choice = (choices: readonly string[]) => ({ responseFormat: { type: "choice" as const, choices } });

describe("a reply held to given texts", () => {
  it("has a way through them; any other reply is free", () => {
    const path = choicePathFor(model, choice(["ab", "ac"]));
    expect(path?.follow(97)).toEqual([97]);
    expect(path?.allowed).toEqual([98, 99]);
    expect(choicePathFor(model, {})).toBeUndefined();
    expect(choicePathFor(model, { responseFormat: { type: "json_object" } })).toBeUndefined();
  });

  it.each([
    ["none", []],
    ["more than 64", Array.from({ length: 65 }, (_, i) => `metin ${i}`)],
    ["an empty one", ["evet", ""]],
    ["one of white space", ["evet", "  "]],
    ["one of more than 4000 characters", ["a".repeat(4001)]],
  ])("refuses %s, by name", (_which, choices) => {
    expect(() => choicePathFor(model, choice(choices))).toThrow(
      expect.objectContaining({ code: "invalid_choices", status: 400, param: "structured_outputs" }),
    );
  });

  it("takes 64 texts of 4000 characters", () => {
    const texts = Array.from({ length: 64 }, (_, i) => `${i}`.padEnd(4000, "x"));
    expect(choicePathFor(model, choice(texts))?.allowed).toHaveLength(10);
  });

  it("has no log-probabilities to tell", () => {
    expect(() => choicePathFor(model, { ...choice(["evet"]), topLogprobs: 0 })).toThrow(UnsupportedFeatureError);
  });
});
