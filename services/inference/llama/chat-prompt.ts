import { PlatformError } from "../../foundation/index.ts";
import type { ChatMessage, Prompt, ToolDefinition } from "../engine.ts";
import { ContextOverflowError } from "../errors.ts";
import type { NativeModel } from "./llama-bindings.ts";
import { describeTools } from "./tool-prompt.ts";

type PromptModel = Pick<
  NativeModel,
  "chatTemplate" | "bosText" | "eosText" | "tokenize" | "withBeginning" | "controlText" | "isControl" | "renderTemplate"
>;

/** For a GGUF without a chat template: ChatML, the most widespread. */
const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

export interface PromptLimits {
  /** Tokens one conversation may hold. */
  readonly contextSize: number;
  /** Tokens to leave for the reply when the conversation may be shortened. */
  readonly replyTokens: number;
  readonly overflow: "refuse" | "drop-oldest";
}

/**
 * The tokens of a prompt, laid out by the model's own chat template.
 * @throws {ContextOverflowError} it does not fit and may not be shortened, or not even the last message fits
 */
export function promptTokens(model: PromptModel, prompt: Prompt, limits: PromptLimits): number[] {
  if ("text" in prompt) {
    const tokens = model.withBeginning(model.tokenize(prompt.text, false));
    if (tokens.length === 0 || tokens.length >= limits.contextSize)
      throw new ContextOverflowError(tokens.length, limits.contextSize);
    return tokens;
  }
  const tools = prompt.toolChoice === "none" ? [] : (prompt.tools ?? []);
  const messages = prompt.messages.map((message) => harmless(model, message));
  const tokensOf = (list: readonly ChatMessage[]): number[] =>
    model.withBeginning(model.tokenize(renderChat(model, list, tools), true));
  const whole = tokensOf(messages);
  const mayDrop = limits.overflow === "drop-oldest";
  const room = limits.contextSize - (mayDrop ? Math.min(limits.replyTokens, limits.contextSize >> 1) : 1);
  if (whole.length <= room) return whole;
  const shorter = mayDrop ? longestThatFits(messages, tokensOf, room) : whole;
  if (shorter.length < limits.contextSize) return shorter;
  throw new ContextOverflowError(whole.length, limits.contextSize);
}

/**
 * Without its oldest turns, a question together with its answers; system messages stay. The newest question always stays, fit or not.
 * Found by halving: a long conversation is laid out a dozen times, not once for each message.
 */
function longestThatFits(
  messages: readonly ChatMessage[],
  tokensOf: (list: readonly ChatMessage[]) => number[],
  room: number,
): number[] {
  const starts = messages.flatMap((message, i) => (message.role === "user" ? [i] : []));
  const from = (start: number): number[] =>
    tokensOf(messages.filter((message, i) => i >= start || message.role === "system"));
  let low = 0;
  let high = Math.max(0, starts.length - 1);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (from(starts[middle] ?? 0).length <= room) high = middle;
    else low = middle + 1;
  }
  return from(starts[low] ?? 0);
}

/** The conversation as text, ready for the assistant to go on. */
export function renderChat(
  model: PromptModel,
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[] = [],
): string {
  const template = model.chatTemplate ?? chatMl;
  const templateKnowsTools = template.includes("tools");
  const shown = tools.length > 0 && !templateKnowsTools ? withToolList(messages, tools) : messages;
  const render = (list: readonly ChatMessage[]): string =>
    model.renderTemplate(template, {
      messages: list.map(toTemplateMessage),
      add_generation_prompt: true,
      bos_token: model.bosText,
      eos_token: model.eosText,
      ...(tools.length > 0 && templateKnowsTools
        ? { tools: tools.map((tool) => ({ type: "function", function: tool })) }
        : {}),
    });
  try {
    return render(shown);
  } catch (refusal) {
    // Some templates (Gemma's) refuse the system role: its text then opens the first user message.
    const merged = mergeSystemIntoUser(shown);
    if (merged === undefined) throw refusedByTemplate(refusal);
    try {
      return render(merged);
    } catch (again) {
      throw refusedByTemplate(again);
    }
  }
}

/** Templates refuse by an exception of their own: roles that do not alternate, a role they do not know. */
function refusedByTemplate(cause: unknown): PlatformError {
  return new PlatformError({
    code: "unsupported_conversation",
    status: 400,
    message:
      "The model's chat template refuses this sequence of messages; let user and assistant alternate, beginning with the user.",
    messageTr:
      "Modelin sohbet şablonu bu ileti sırasını kabul etmiyor; kullanıcı ile asistan sırayla konuşmalı, ilk ileti kullanıcının olmalı.",
    param: "messages",
    cause,
  });
}

/** A message in which nothing that came from outside reads as a control token. */
function harmless(model: PromptModel, message: ChatMessage): ChatMessage {
  const safe = (text: string): string => neutralise(model, text);
  return {
    role: message.role,
    content: safe(message.content),
    ...(message.name === undefined ? {} : { name: safe(message.name) }),
    ...(message.toolCallId === undefined ? {} : { toolCallId: safe(message.toolCallId) }),
    ...(message.toolCalls === undefined
      ? {}
      : {
          toolCalls: message.toolCalls.map((call) => ({
            id: safe(call.id),
            name: safe(call.name),
            arguments: safe(call.arguments),
          })),
        }),
  };
}

/** Breaks up control-token texts inside what people typed, so that nobody can close a turn or open a system message by typing it. */
function neutralise(model: PromptModel, content: string): string {
  let safe = content;
  // One broken up may uncover another that it overlapped.
  for (let round = 0; round < 8; round++) {
    const before = safe;
    for (const token of new Set(model.tokenize(safe, true))) {
      if (!model.isControl(token)) continue;
      const text = model.controlText(token);
      if (text.length > 1) safe = safe.replaceAll(text, `${text.slice(0, 1)}\u200B${text.slice(1)}`);
    }
    if (safe === before) break;
  }
  return safe;
}

function mergeSystemIntoUser(messages: readonly ChatMessage[]): readonly ChatMessage[] | undefined {
  const system = messages.filter((message) => message.role === "system").map((message) => message.content);
  if (system.length === 0) return undefined;
  const others = messages.filter((message) => message.role !== "system");
  const [first, ...rest] = others;
  if (first?.role !== "user") return undefined;
  return [{ ...first, content: `${system.join("\n")}\n\n${first.content}` }, ...rest];
}

function withToolList(messages: readonly ChatMessage[], tools: readonly ToolDefinition[]): readonly ChatMessage[] {
  const list = describeTools(tools);
  const [first, ...rest] = messages;
  if (first?.role === "system") return [{ ...first, content: `${first.content}\n\n${list}` }, ...rest];
  return [{ role: "system", content: list }, ...messages];
}

function toTemplateMessage(message: ChatMessage): object {
  return {
    role: message.role,
    content: message.content,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
    ...(message.toolCalls === undefined
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: parsedOrText(call.arguments) },
          })),
        }),
  };
}

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
