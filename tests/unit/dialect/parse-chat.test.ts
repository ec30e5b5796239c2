import Value from "typebox/value";
import { describe, expect, it } from "vitest";
import {
  ChatCompletionRequest,
  CompletionRequest,
  EmbeddingRequest,
  parseChatRequest,
  parseCompletionRequest,
  textOf,
} from "../../../services/dialect/index.ts";

const user = { role: "user" as const, content: "Merhaba" };
/** Checked as the transport checks it, then parsed. */
function parse(body: object) {
  const whole = { messages: [user], ...body };
  const faults = Value.Errors(ChatCompletionRequest, whole).map((fault) => `${fault.instancePath} ${fault.message}`);
  expect(faults).toEqual([]);
  return parseChatRequest(whole as ChatCompletionRequest);
}
const accepts = (body: object): boolean => Value.Check(ChatCompletionRequest, { messages: [user], ...body });
const tool = {
  type: "function",
  function: { name: "fatura_getir", description: "Faturayı getirir", parameters: { type: "object" } },
};

describe("a chat request", () => {
  it("needs messages and nothing else", () => {
    expect(parse({})).toEqual({ prompt: { messages: [user] }, sampling: {} });
  });

  it("takes null for everything that may be absent", () => {
    const names = [
      "stream",
      "stream_options",
      "max_tokens",
      "max_completion_tokens",
      "n",
      "logprobs",
      "top_logprobs",
      "tools",
      "tool_choice",
    ];
    const more = [
      "response_format",
      "user",
      "temperature",
      "top_p",
      "top_k",
      "min_p",
      "seed",
      "stop",
      "frequency_penalty",
      "presence_penalty",
    ];
    const nulls = Object.fromEntries([...names, ...more].map((name) => [name, null]));
    const message = { ...user, name: null, tool_calls: null, tool_call_id: null };
    expect(parse({ ...nulls, messages: [message] })).toEqual({ prompt: { messages: [user] }, sampling: {} });
  });

  it("ignores fields it does not know", () => {
    expect(parse({ store: true, metadata: { a: 1 }, messages: [{ ...user, audio: { id: "x" } }] }).prompt).toEqual({
      messages: [user],
    });
  });

  it("reads text from content parts, and a developer as system", () => {
    const content = [
      { type: "text", text: "bir " },
      { type: "text", text: "iki" },
    ];
    expect(
      parse({
        messages: [
          { role: "developer", content: "kural" },
          { role: "user", content },
        ],
      }).prompt,
    ).toEqual({
      messages: [
        { role: "system", content: "kural" },
        { role: "user", content: "bir iki" },
      ],
    });
  });

  it("refuses pictures, sound and files by name", () => {
    for (const part of [
      { type: "image_url", image_url: { url: "x" } },
      { type: "input_audio" },
      { type: "file" },
      { type: "text" },
    ]) {
      expect(() => parse({ messages: [{ role: "user", content: [part] }] })).toThrow(
        expect.objectContaining({ code: "unsupported_content", status: 400 }),
      );
    }
    expect(textOf(null)).toBe("");
    expect(textOf(undefined)).toBe("");
  });

  it("carries tool calls and results of the conversation", () => {
    const call = { id: "c1", type: "function", function: { name: "fatura_getir", arguments: "{}" } };
    const messages = [
      user,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "120", tool_call_id: "c1" },
    ];
    expect(parse({ messages }).prompt).toEqual({
      messages: [
        user,
        { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "fatura_getir", arguments: "{}" }] },
        { role: "tool", content: "120", toolCallId: "c1" },
      ],
    });
  });

  it("carries tools and the choice among them", () => {
    for (const [choice, expected] of [
      ["auto", "auto"],
      ["none", "none"],
      ["required", "required"],
      [{ type: "function", function: { name: "fatura_getir" } }, { name: "fatura_getir" }],
    ]) {
      expect(parse({ tools: [tool], tool_choice: choice }).prompt).toMatchObject({
        tools: [tool.function],
        toolChoice: expected,
      });
    }
  });

  it("takes Turkish tool names and refuses what is no name", () => {
    const named = (name: string) => ({ tools: [{ type: "function", function: { name } }] });
    expect(accepts(named("müşteri_bilgisi"))).toBe(true);
    for (const name of ["", "a b", "a.b", "a".repeat(65), "{}"]) expect(accepts(named(name)), name).toBe(false);
  });

  it("refuses a choice that names no tool", () => {
    for (const body of [
      { tools: [tool], tool_choice: { type: "function", function: { name: "yok" } } },
      { tool_choice: { type: "function", function: { name: "yok" } } },
      { tool_choice: "required" },
    ]) {
      expect(() => parse(body)).toThrow(expect.objectContaining({ status: 400, param: "tool_choice" }));
    }
  });

  it("carries the response format", () => {
    const schema = { type: "object" };
    expect(
      parse({ response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema } } })
        .responseFormat,
    ).toEqual({
      type: "json_schema",
      schema,
    });
    expect(parse({ response_format: { type: "json_object" } }).responseFormat).toEqual({ type: "json_object" });
    expect(accepts({ response_format: { type: "yaml" } })).toBe(false);
  });

  it("carries limits, log-probabilities, stop strings and truncation", () => {
    expect(parse({ max_tokens: 5 }).maxTokens).toBe(5);
    expect(parse({ max_tokens: 5, max_completion_tokens: 7 }).maxTokens).toBe(7);
    expect(parse({ logprobs: true }).topLogprobs).toBe(0);
    expect(parse({ logprobs: true, top_logprobs: 4 }).topLogprobs).toBe(4);
    expect(parse({ stop: "x" }).stop).toEqual(["x"]);
    expect(parse({ stop: ["x", "y"] }).stop).toEqual(["x", "y"]);
    expect(parse({ truncate_prompt: true }).overflow).toBe("drop-oldest");
    expect(parse({ cache_prompt: false }).reusePrefix).toBe(false);
  });

  it("refuses alternatives without log-probabilities", () => {
    expect(() => parse({ top_logprobs: 3 })).toThrow(expect.objectContaining({ param: "top_logprobs" }));
  });

  it("keeps every seed apart, and takes -1 as none", () => {
    expect(parse({ seed: 7 }).sampling).toEqual({ seed: 7 });
    expect(parse({ seed: 2 ** 32 + 7 }).sampling).toEqual({ seed: 7 });
    expect(parse({ seed: -5 }).sampling).toEqual({ seed: 2 ** 32 - 5 });
    expect(parse({ seed: -1 }).sampling).toEqual({});
  });

  it.each([
    { messages: [] },
    { messages: "x" },
    { messages: [{ role: "robot", content: "x" }] },
    { messages: [{ role: "user", content: 5 }] },
    { messages: [{ role: "user", content: [5] }] },
    { model: 5 },
    { max_tokens: 0 },
    { max_tokens: -1 },
    { max_tokens: 1.5 },
    { max_tokens: 1e12 },
    { max_tokens: "5" },
    { temperature: -0.1 },
    { temperature: 2.1 },
    { temperature: "0.5" },
    { top_p: 1.1 },
    { top_k: -1 },
    { n: 0 },
    { n: 9 },
    { top_logprobs: 21 },
    { seed: 1.5 },
    { stop: Array.from({ length: 17 }, () => "x") },
    { stop: [5] },
    { stream: "yes" },
    { tool_choice: "maybe" },
    { tools: [{ type: "retrieval" }] },
  ])("is refused with %j", (body) => {
    expect(accepts(body)).toBe(false);
  });
});

describe("a completion request", () => {
  const parseText = (body: object, prompt: string) => parseCompletionRequest(body as CompletionRequest, prompt);

  it.each([
    ["logprobs", { logprobs: 0 }],
    ["best_of", { best_of: 2 }],
    ["suffix", { suffix: "son" }],
  ])("refuses %s by name rather than leave it out", (param, body) => {
    expect(() => parseText(body, "Merhaba")).toThrow(
      expect.objectContaining({ code: "unsupported_feature", status: 400, param }),
    );
    expect(parseText({ logprobs: null, best_of: 1, suffix: "" }, "Merhaba")).toMatchObject({ maxTokens: 16 });
  });

  it("is raw text of sixteen tokens unless it says otherwise", () => {
    expect(parseText({}, "Bir varmış")).toEqual({ prompt: { text: "Bir varmış" }, maxTokens: 16, sampling: {} });
    expect(parseText({ max_tokens: 3, stop: "\n" }, "x")).toMatchObject({ maxTokens: 3, stop: ["\n"] });
  });

  it("may not be empty", () => {
    expect(() => parseText({}, "")).toThrow(expect.objectContaining({ code: "empty_input", param: "prompt" }));
  });

  it("takes one prompt or up to 32", () => {
    expect(Value.Check(CompletionRequest, { prompt: "x" })).toBe(true);
    expect(Value.Check(CompletionRequest, { prompt: ["x", "y"] })).toBe(true);
    for (const prompt of [[], 5, [5], new Array(33).fill("x")])
      expect(Value.Check(CompletionRequest, { prompt })).toBe(false);
  });
});

describe("an embedding request", () => {
  it("takes one text or up to 256, none of them empty", () => {
    expect(Value.Check(EmbeddingRequest, { input: "x", encoding_format: "base64" })).toBe(true);
    for (const input of ["", [], [""], [1, 2], new Array(257).fill("x")])
      expect(Value.Check(EmbeddingRequest, { input })).toBe(false);
  });
});
