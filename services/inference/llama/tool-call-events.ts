import { randomUUID } from "node:crypto";
import type { GenerateEvent, TokenLogprob, ToolCall } from "../engine.ts";
import { ToolCallSplitter } from "./tool-call-splitter.ts";

/** Text deltas → text deltas and tool calls, for a model that may call tools. */
export async function* withToolCalls(events: AsyncIterable<GenerateEvent>): AsyncGenerator<GenerateEvent, void, void> {
  const splitter = new ToolCallSplitter();
  let called = false;
  // Of tokens whose text is held back until it is clear what it becomes.
  const waiting: TokenLogprob[] = [];
  const render = function* (output: {
    text: string;
    calls: readonly Omit<ToolCall, "id">[];
  }): Generator<GenerateEvent> {
    if (output.text !== "") {
      const logprobs = waiting.splice(0);
      yield { type: "text-delta", text: output.text, ...(logprobs.length > 0 ? { logprobs } : {}) };
    }
    for (const call of output.calls) {
      called = true;
      yield { type: "tool-call", call: { id: newCallId(), ...call } };
    }
  };
  for await (const event of events) {
    if (event.type === "text-delta") {
      if (event.logprobs !== undefined) waiting.push(...event.logprobs);
      yield* render(splitter.push(event.text));
    } else if (event.type === "end") {
      yield* render(splitter.end());
      yield called && event.reason === "stop" ? { ...event, reason: "tool_calls" } : event;
    } else yield event;
  }
}

/** For a call that a grammar has forced: the whole text is `{"name":…,"arguments":{…}}`. Text that was cut short stays text. */
export async function* asForcedCall(events: AsyncIterable<GenerateEvent>): AsyncGenerator<GenerateEvent, void, void> {
  let text = "";
  for await (const event of events) {
    if (event.type === "text-delta") text += event.text;
    else if (event.type === "end") {
      const call = parseCall(text);
      if (call !== undefined) yield { type: "tool-call", call };
      else if (text !== "") yield { type: "text-delta", text };
      yield call === undefined ? event : { ...event, reason: "tool_calls" };
    } else yield event;
  }
}

function parseCall(text: string): ToolCall | undefined {
  try {
    const { name, arguments: values } = JSON.parse(text) as { name: string; arguments: unknown };
    return { id: newCallId(), name, arguments: JSON.stringify(values) };
  } catch {
    return undefined;
  }
}

function newCallId(): string {
  return `call_${randomUUID().replaceAll("-", "")}`;
}
