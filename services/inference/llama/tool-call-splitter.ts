import type { ToolCall } from "../engine.ts";
import { parseToolCode } from "./tool-code.ts";

interface Format {
  readonly open: string;
  readonly close: string;
  readonly parse: (body: string) => readonly Omit<ToolCall, "id">[];
}

/** How models write calls: Hermes/Qwen JSON, and the tool code this project's models are trained on. */
const formats: readonly Format[] = [
  { open: "<tool_call>", close: "</tool_call>", parse: parseJsonCall },
  { open: "<|begin_of_tool_code|>", close: "<|end_of_tool_code|>", parse: parseToolCode },
];

export interface SplitOutput {
  readonly text: string;
  readonly calls: readonly Omit<ToolCall, "id">[];
}

/** Parts a streamed reply into what is said and what is called. A block that cannot be parsed is text again: nothing is lost. */
export class ToolCallSplitter {
  #pending = "";
  #inside: Format | undefined;

  push(delta: string): SplitOutput {
    this.#pending += delta;
    return this.#drain(false);
  }

  end(): SplitOutput {
    return this.#drain(true);
  }

  #drain(all: boolean): SplitOutput {
    let text = "";
    const calls: Omit<ToolCall, "id">[] = [];
    for (;;) {
      if (this.#inside !== undefined) {
        const { open, close, parse } = this.#inside;
        const at = this.#pending.indexOf(close);
        if (at < 0 && !all) break;
        const body = at < 0 ? this.#pending : this.#pending.slice(0, at);
        const found = parse(body);
        if (found.length > 0) calls.push(...found);
        else text += open + body + (at < 0 ? "" : close);
        this.#pending = at < 0 ? "" : this.#pending.slice(at + close.length);
        this.#inside = undefined;
        continue;
      }
      const next = nextOpening(this.#pending);
      if (next === undefined) {
        const hold = all ? 0 : longestOpeningPrefix(this.#pending);
        text += this.#pending.slice(0, this.#pending.length - hold);
        this.#pending = this.#pending.slice(this.#pending.length - hold);
        break;
      }
      text += this.#pending.slice(0, next.at);
      this.#pending = this.#pending.slice(next.at + next.format.open.length);
      this.#inside = next.format;
    }
    return { text, calls };
  }
}

function nextOpening(text: string): { at: number; format: Format } | undefined {
  return formats
    .map((format) => ({ at: text.indexOf(format.open), format }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
}

function longestOpeningPrefix(text: string): number {
  let longest = 0;
  for (const { open } of formats) {
    for (let length = Math.min(open.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(open.slice(0, length))) longest = length;
    }
  }
  return longest;
}

function parseJsonCall(body: string): readonly Omit<ToolCall, "id">[] {
  try {
    const value = JSON.parse(body) as { name?: unknown; arguments?: unknown };
    if (typeof value.name !== "string") return [];
    return [{ name: value.name, arguments: JSON.stringify(value.arguments ?? {}) }];
  } catch {
    return [];
  }
}
