import { describe, expect, it } from "vitest";
import { choiceGrammar } from "../../../services/engine-client/dialects/choice-grammar.ts";

describe("the grammar of a choice", () => {
  it("lists the texts", () => {
    expect(choiceGrammar(["evet", "Şöyle: %10'u [1]."])).toBe(`root ::= "evet" | "Şöyle: %10'u [1]."`);
  });

  it("writes out quotation marks, backslashes and control characters", () => {
    expect(choiceGrammar([`"a"\\b\n\tc`])).toBe(String.raw`root ::= "\"a\"\\b\x0a\x09c"`);
  });
});
