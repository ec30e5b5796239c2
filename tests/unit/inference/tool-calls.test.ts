import { describe, expect, it } from "vitest";
import type { GenerateEvent, Timings } from "../../../services/inference/index.ts";
import { asForcedCall, withToolCalls } from "../../../services/inference/llama/tool-call-events.ts";
import { ToolCallSplitter } from "../../../services/inference/llama/tool-call-splitter.ts";
import { forcedCallFormat } from "../../../services/inference/llama/tool-prompt.ts";

function split(deltas: readonly string[]) {
  const splitter = new ToolCallSplitter();
  const outputs = [...deltas.map((delta) => splitter.push(delta)), splitter.end()];
  return { texts: outputs.map(({ text }) => text), calls: outputs.flatMap(({ calls }) => calls) };
}

const call = { name: "fatura", arguments: '{"no":1}' };
const block = "<|begin_of_tool_code|> print(fatura(no=1)) <|end_of_tool_code|>";

describe("ToolCallSplitter", () => {
  it("parts what is said from what is called", () => {
    const { texts, calls } = split([`Bakıyorum. ${block} Tamam.`]);
    expect(texts.join("")).toBe("Bakıyorum.  Tamam.");
    expect(calls).toEqual([call]);
  });

  it("understands JSON calls in tool_call tags", () => {
    expect(split(['<tool_call>{"name":"fatura","arguments":{"no":1}}</tool_call>']).calls).toEqual([call]);
    expect(split(['<tool_call>{"name":"ping"}</tool_call>']).calls).toEqual([{ name: "ping", arguments: "{}" }]);
  });

  it("finds several calls in one reply", () => {
    expect(split([`${block}\n${block}`]).calls).toEqual([call, call]);
  });

  it("gives the same whatever pieces the reply comes in", () => {
    const whole = `a < b ${block} <tool_call>{"name":"ping"}</tool_call> son <|x`;
    for (const size of [1, 2, 3, 5, 7, 11, 64]) {
      const pieces = whole.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      const { texts, calls } = split(pieces);
      expect(texts.join("")).toBe("a < b   son <|x");
      expect(calls.map(({ name }) => name)).toEqual(["fatura", "ping"]);
    }
  });

  it("never sends the beginning of a marker and then takes it back", () => {
    expect(split(["bir <|begin_of_", "tool_code|>f()<|end_of_tool_code|>"]).texts).toEqual(["bir ", "", ""]);
  });

  it("lets what only looked like a marker through", () => {
    expect(split(["x <|beg", "inner"]).texts.join("")).toBe("x <|beginner");
  });

  it("turns a block that holds no call back into text", () => {
    const broken = "<|begin_of_tool_code|>import os<|end_of_tool_code|>";
    expect(split([broken])).toEqual({ texts: [broken, ""], calls: [] });
    const json = '<tool_call>{"name": 5}</tool_call><tool_call>[</tool_call>';
    expect(split([json])).toEqual({ texts: [json, ""], calls: [] });
  });

  it("turns a block that was cut off in the middle back into text", () => {
    const cut = "<|begin_of_tool_code|> print(fatura(no=";
    expect(split([cut])).toEqual({ texts: ["", cut], calls: [] });
  });

  it("accepts a whole call whose closing marker the model left out", () => {
    expect(split(["<|begin_of_tool_code|> print(fatura(no=1))"]).calls).toEqual([call]);
  });
});

const timings = {} as Timings;
const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };
async function* reply(texts: readonly string[], reason: "stop" | "length" = "stop"): AsyncGenerator<GenerateEvent> {
  for (const text of texts) yield { type: "text-delta", text };
  yield { type: "end", reason, usage, timings };
}
const collect = async (events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> => {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};

describe("tool-call events", () => {
  it("end with the reason tool_calls when a tool was called", async () => {
    const events = await collect(withToolCalls(reply(["Peki. ", block])));
    expect(events.map(({ type }) => type)).toEqual(["text-delta", "tool-call", "end"]);
    expect(events[1]).toMatchObject({ call: { ...call, id: expect.stringMatching(/^call_[0-9a-f]{32}$/) } });
    expect(events[2]).toMatchObject({ reason: "tool_calls" });
  });

  it("leave a reply without a call as it is", async () => {
    expect(await collect(withToolCalls(reply(["Mer", "haba"])))).toEqual(await collect(reply(["Mer", "haba"])));
  });

  it("keep the log-probabilities of text that was held back", async () => {
    async function* withLogprobs(): AsyncGenerator<GenerateEvent> {
      for (const text of ["a<", "|b"]) {
        yield { type: "text-delta", text, logprobs: [{ token: text, bytes: [], logprob: -1, top: [] }] };
      }
      yield { type: "end", reason: "stop", usage, timings };
    }
    const events = await collect(withToolCalls(withLogprobs()));
    const kept = events.flatMap((event) => (event.type === "text-delta" ? (event.logprobs ?? []) : []));
    expect(kept.map(({ token }) => token)).toEqual(["a<", "|b"]);
  });

  it("make a call of a reply that a grammar has forced", async () => {
    const events = await collect(asForcedCall(reply(['{"name":"fatura",', '"arguments":{"no":1}}'])));
    expect(events.map(({ type }) => type)).toEqual(["tool-call", "end"]);
    expect(events[0]).toMatchObject({ call });
  });

  it("leave a forced reply that was cut short as text", async () => {
    const events = await collect(asForcedCall(reply(['{"name":"fat'], "length")));
    expect(events).toMatchObject([
      { type: "text-delta", text: '{"name":"fat' },
      { type: "end", reason: "length" },
    ]);
  });
});

describe("forcedCallFormat", () => {
  const tools = [{ name: "a", parameters: { type: "object", properties: { x: { type: "integer" } } } }, { name: "b" }];

  it("allows any tool when one is required, and one when it is named", () => {
    expect(forcedCallFormat(tools, "required")).toMatchObject({ schema: { oneOf: [{}, {}] } });
    expect(forcedCallFormat(tools, { name: "a" })).toMatchObject({ schema: { properties: { name: { const: "a" } } } });
  });

  it("forces nothing when the model may choose", () => {
    expect(forcedCallFormat(tools, "auto")).toBeUndefined();
    expect(forcedCallFormat(tools, "none")).toBeUndefined();
  });
});
