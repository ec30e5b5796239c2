import type { ChatMessage, Prompt, ToolDefinition } from "../engine.ts";
import { ContextOverflowError } from "../errors.ts";
import type { NativeModel } from "./llama-bindings.ts";
import { describeTools } from "./tool-prompt.ts";

type PromptModel = Pick<
  NativeModel,
  "chatTemplate" | "bosText" | "eosText" | "tokenize" | "withBeginning" | "piece" | "isControl" | "renderTemplate"
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
    if (tokens.length === 0 || tokens.length >= limits.contextSize) throw new ContextOverflowError(tokens.length, limits.contextSize);
    return tokens;
  }
  const tools = prompt.toolChoice === "none" ? [] : (prompt.tools ?? []);
  let messages = prompt.messages.map((message) => ({ ...message, content: neutralise(model, message.content) }));
  for (;;) {
    const tokens = model.withBeginning(model.tokenize(renderChat(model, messages, tools), true));
    const room = limits.contextSize - (limits.overflow === "refuse" ? 1 : Math.min(limits.replyTokens, limits.contextSize >> 1));
    if (tokens.length <= room) return tokens;
    const shorter = limits.overflow === "refuse" ? undefined : withoutOldest(messages);
    if (shorter === undefined) {
      if (tokens.length < limits.contextSize) return tokens;
      throw new ContextOverflowError(tokens.length, limits.contextSize);
    }
    messages = shorter;
  }
}

/** The conversation as text, ready for the assistant to go on. */
export function renderChat(model: PromptModel, messages: readonly ChatMessage[], tools: readonly ToolDefinition[] = []): string {
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
    if (merged === undefined) throw refusal;
    return render(merged);
  }
}

/** Breaks up control-token texts inside what people typed, so that nobody can close a turn or open a system message by typing it. */
function neutralise(model: PromptModel, content: string): string {
  let safe = content;
  for (const token of new Set(model.tokenize(content, true))) {
    if (!model.isControl(token)) continue;
    const text = model.piece(token);
    if (text.length > 1) safe = safe.replaceAll(text, `${text.slice(0, 1)}\u200B${text.slice(1)}`);
  }
  return safe;
}

function withoutOldest<M extends ChatMessage>(messages: readonly M[]): M[] | undefined {
  const first = messages.findIndex((message) => message.role !== "system");
  if (first < 0 || first === messages.length - 1) return undefined;
  // What followed the dropped message as its answer or tool result goes with it.
  let end = first + 1;
  while (end < messages.length - 1 && messages[end]?.role !== "user") end++;
  return [...messages.slice(0, first), ...messages.slice(end)];
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
