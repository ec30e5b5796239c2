import { createParser } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import {
  ChatChunkWriter,
  collectReply,
  completionFrames,
  formatEvent,
  formatJsonEvent,
  renderChatCompletion,
  renderCompletion,
  renderEmbeddings,
  renderOpenAiError,
  usageChunk,
} from "../../../services/dialect/index.ts";
import { PlatformError } from "../../../services/foundation/index.ts";
import type { GenerateEvent, Timings } from "../../../services/inference/index.ts";

const timings = { prompt_n: 3 } as Timings;
const usage = { promptTokens: 10, cachedTokens: 4, completionTokens: 6 };
const identity = { id: "chatcmpl-1", model: "legal@1", created: 1_700_000_000 };
const end: GenerateEvent = { type: "end", reason: "stop", usage, timings };
const call = { id: "call_1", name: "f", arguments: '{"a":1}' };
const logprobs = [
  { token: "a", bytes: [97], logprob: Number.NEGATIVE_INFINITY, top: [{ token: "b", bytes: [98], logprob: -1 }] },
];

async function* events(...list: GenerateEvent[]): AsyncGenerator<GenerateEvent> {
  yield* list;
}

describe("a whole reply", () => {
  it("has OpenAI's shape", async () => {
    const reply = await collectReply(
      events({ type: "text-delta", text: "Mer" }, { type: "text-delta", text: "haba" }, end),
    );
    expect(renderChatCompletion(identity, [reply], false, { sector: "legal" })).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "legal@1",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Merhaba", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16, prompt_tokens_details: { cached_tokens: 4 } },
      timings,
      sector: "legal",
    });
  });

  it("with several choices counts the prompt once", async () => {
    const replies = [await collectReply(events(end)), await collectReply(events(end))];
    const { choices, usage: sum } = renderChatCompletion(identity, replies, false);
    expect(choices.map(({ index }) => index)).toEqual([0, 1]);
    expect(sum).toMatchObject({ prompt_tokens: 10, completion_tokens: 12, total_tokens: 22 });
  });

  it("that only calls a tool has no content", async () => {
    const reply = await collectReply(events({ type: "tool-call", call }, { ...end, reason: "tool_calls" }));
    expect(renderChatCompletion(identity, [reply], false).choices[0]).toMatchObject({
      message: {
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
      },
      finish_reason: "tool_calls",
    });
  });

  it("writes an impossible token as -9999, because JSON knows no infinity", async () => {
    const reply = await collectReply(events({ type: "text-delta", text: "a", logprobs }, end));
    const rendered = JSON.parse(JSON.stringify(renderChatCompletion(identity, [reply], true)));
    expect(rendered.choices[0].logprobs).toEqual({
      content: [{ token: "a", bytes: [97], logprob: -9999, top_logprobs: [{ token: "b", bytes: [98], logprob: -1 }] }],
      refusal: null,
    });
  });

  it("that never says how it ended is a fault", async () => {
    await expect(collectReply(events({ type: "text-delta", text: "a" }))).rejects.toThrow(/without saying how/);
  });
});

describe("a streamed reply", () => {
  it("opens with the role, goes on with text and ends with a reason", () => {
    const writer = new ChatChunkWriter(identity, 0, { sector: "legal" });
    const chunks = [writer.first(), writer.next({ type: "text-delta", text: "a", logprobs }), writer.next(end)];
    expect(chunks[0]).toMatchObject({
      object: "chat.completion.chunk",
      sector: "legal",
      choices: [{ delta: { role: "assistant", content: "" } }],
    });
    expect(chunks[1]).toMatchObject({
      choices: [{ index: 0, delta: { content: "a" }, finish_reason: null, logprobs: { refusal: null } }],
    });
    expect(chunks[2]).toMatchObject({ choices: [{ delta: {}, finish_reason: "stop" }], timings });
  });

  it("numbers its tool calls", () => {
    const writer = new ChatChunkWriter(identity, 1, {});
    const indexes = [0, 1].map(() => JSON.stringify(writer.next({ type: "tool-call", call })));
    expect(indexes[0]).toContain('"tool_calls":[{"index":0');
    expect(indexes[1]).toContain('"tool_calls":[{"index":1');
  });

  it("tells its usage in a chunk without choices", () => {
    expect(usageChunk(identity, usage)).toMatchObject({ choices: [], usage: { total_tokens: 16 } });
  });
});

describe("a completion", () => {
  it("adds up the prompts of all its choices", async () => {
    const replies = [await collectReply(events(end)), await collectReply(events(end))];
    expect(renderCompletion(identity, replies)).toMatchObject({
      object: "text_completion",
      choices: [{ index: 0, text: "", finish_reason: "stop" }, { index: 1 }],
      usage: { prompt_tokens: 20, completion_tokens: 12 },
    });
  });

  const streamed = async (options: object) => {
    const said = events({ type: "text-delta", text: "a" }, { type: "tool-call", call }, end);
    const frames: string[] = [];
    for await (const frame of completionFrames(said, identity, options))
      frames.push(frame.replace(/^data: /, "").trim());
    expect(frames.pop()).toBe("[DONE]");
    return frames.map((frame) => JSON.parse(frame));
  };

  it("streams text and the end, and no tool calls", async () => {
    expect(await streamed({})).toEqual([
      expect.objectContaining({ choices: [expect.objectContaining({ index: 0, text: "a", finish_reason: null })] }),
      expect.objectContaining({ choices: [expect.objectContaining({ text: "", finish_reason: "stop" })], timings }),
    ]);
  });

  it("streams its usage last where it is asked for", async () => {
    const chunks = await streamed({ include_usage: true });
    expect(chunks).toHaveLength(3);
    expect(chunks[2]).toMatchObject({ object: "text_completion", choices: [], usage: { total_tokens: 16 } });
  });
});

describe("embeddings", () => {
  it("are numbers, or Float32 in base64", () => {
    const list = [{ vector: [0.5, -0.25], tokens: 3 }];
    expect(renderEmbeddings("m", list, "float")).toMatchObject({
      data: [{ index: 0, embedding: [0.5, -0.25] }],
      usage: { total_tokens: 3 },
    });
    const encoded = renderEmbeddings("m", list, "base64").data[0]?.embedding as string;
    const bytes = Buffer.from(encoded, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0.5, -0.25]);
  });
});

describe("an error", () => {
  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "server_error"],
    [503, "server_error"],
  ])("with status %i is of the type %s", (status, type) => {
    expect(
      renderOpenAiError(new PlatformError({ code: "some_code", status, message: "What.", param: "model" })),
    ).toEqual({
      error: { message: "What.", type, param: "model", code: "some_code" },
    });
  });

  it("without a parameter says null", () => {
    expect(renderOpenAiError(new PlatformError({ code: "c", status: 400, message: "m" })).error.param).toBeNull();
  });
});

describe("server-sent events", () => {
  it("are read by a real parser as they were written, line breaks included", () => {
    const read: { event: string | undefined; data: string }[] = [];
    const parser = createParser({ onEvent: ({ event, data }) => read.push({ event, data }) });
    parser.feed(
      formatEvent({ data: "bir\niki\n" }) + formatJsonEvent({ a: "ş\n" }, "olay") + formatEvent({ data: "[DONE]" }),
    );
    expect(read).toEqual([
      { event: undefined, data: "bir\niki\n" },
      { event: "olay", data: '{"a":"ş\\n"}' },
      { event: undefined, data: "[DONE]" },
    ]);
  });
});
