import { InvalidRequestError } from "../foundation/index.ts";
import type {
  ChatMessage,
  GenerateRequest,
  ResponseFormat,
  SamplingParameters,
  ToolChoice,
} from "../inference/index.ts";
import type { ChatCompletionRequest, CompletionRequest } from "./chat-schemas.ts";

type Shape = ChatCompletionRequest["messages"][number];

/** OpenAI's chat body → what the engine is asked, adapter aside. @throws {InvalidRequestError} */
export function parseChatRequest(body: ChatCompletionRequest): Omit<GenerateRequest, "adapterId"> {
  const tools = body.tools ?? [];
  const toolChoice = parseToolChoice(body.tool_choice);
  if (typeof toolChoice === "object" && !tools.some((tool) => tool.function.name === toolChoice.name)) {
    throw new InvalidRequestError(`tool_choice names "${toolChoice.name}", which is not among the tools.`, {
      param: "tool_choice",
    });
  }
  if (toolChoice === "required" && tools.length === 0) {
    throw new InvalidRequestError("tool_choice is required, but there are no tools.", { param: "tool_choice" });
  }
  if (body.top_logprobs != null && body.logprobs !== true) {
    throw new InvalidRequestError("top_logprobs needs logprobs: true.", { param: "top_logprobs" });
  }
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  const responseFormat = parseFormat(body);
  return {
    prompt: {
      messages: body.messages.map(parseMessage),
      ...(tools.length === 0
        ? {}
        : {
            tools: tools.map(({ function: tool }) => ({
              name: tool.name,
              ...(tool.description == null ? {} : { description: tool.description }),
              ...(tool.parameters == null ? {} : { parameters: tool.parameters }),
            })),
          }),
      ...(toolChoice === undefined ? {} : { toolChoice }),
    },
    ...(maxTokens == null ? {} : { maxTokens }),
    ...(body.logprobs === true ? { topLogprobs: body.top_logprobs ?? 0 } : {}),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(body.truncate_prompt === true ? { overflow: "drop-oldest" } : {}),
    ...commonParameters(body),
  };
}

/** OpenAI's completion body, one prompt of it. */
export function parseCompletionRequest(body: CompletionRequest, prompt: string): Omit<GenerateRequest, "adapterId"> {
  if (prompt === "") throw new InvalidRequestError("The prompt is empty.", { param: "prompt", code: "empty_input" });
  const refused = [
    ["logprobs", body.logprobs != null],
    ["best_of", (body.best_of ?? 1) > 1],
    ["suffix", (body.suffix ?? "") !== ""],
  ] as const;
  for (const [param, isAsked] of refused) {
    if (isAsked)
      throw new InvalidRequestError(`Text completions have no ${param}; chat completions have logprobs.`, {
        param,
        code: "unsupported_feature",
      });
  }
  // OpenAI's default for this endpoint is 16 tokens.
  return { prompt: { text: prompt }, maxTokens: body.max_tokens ?? 16, ...commonParameters(body) };
}

/** The text of a message, whichever of OpenAI's two forms it has. @throws {InvalidRequestError} images, audio and files */
export function textOf(content: Shape["content"], param = "messages"): string {
  if (content == null) return "";
  if (typeof content === "string") return content;
  return content
    .map((part) => {
      if (part.type !== "text" || part.text === undefined) {
        throw new InvalidRequestError(`Content of type "${part.type.slice(0, 40)}" is not supported; send text.`, {
          param,
          code: "unsupported_content",
        });
      }
      return part.text;
    })
    .join("");
}

function parseMessage(message: Shape): ChatMessage {
  const calls = message.tool_calls ?? [];
  return {
    role: message.role === "developer" ? "system" : message.role,
    content: textOf(message.content),
    ...(message.name == null ? {} : { name: message.name }),
    ...(message.tool_call_id == null ? {} : { toolCallId: message.tool_call_id }),
    ...(calls.length === 0
      ? {}
      : {
          toolCalls: calls.map((call) => ({
            id: call.id,
            name: call.function.name,
            arguments: call.function.arguments,
          })),
        }),
  };
}

/** OpenAI's `response_format`, or vLLM's `structured_outputs` in its place. */
function parseFormat({
  response_format: format,
  structured_outputs: wanted,
}: ChatCompletionRequest): ResponseFormat | undefined {
  if (wanted != null) {
    const { choice: choices, ...others } = wanted;
    const [other] = Object.entries(others).find(([, value]) => value != null) ?? [];
    if (other !== undefined || choices == null) {
      throw new InvalidRequestError(
        `structured_outputs takes "choice" alone${other === undefined ? "" : `, not "${other.slice(0, 40)}"`}.`,
        { param: "structured_outputs" },
      );
    }
    if (format != null && format.type !== "text") {
      throw new InvalidRequestError("response_format and structured_outputs exclude each other.", {
        param: "structured_outputs",
      });
    }
    return { type: "choice", choices };
  }
  if (format == null) return undefined;
  return format.type === "json_schema" ? { type: "json_schema", schema: format.json_schema.schema } : format;
}

function parseToolChoice(choice: ChatCompletionRequest["tool_choice"]): ToolChoice | undefined {
  if (choice == null) return undefined;
  return typeof choice === "string" ? choice : { name: choice.function.name };
}

function commonParameters(
  body: ChatCompletionRequest | CompletionRequest,
): Pick<GenerateRequest, "sampling" | "stop" | "reusePrefix"> {
  const stop = typeof body.stop === "string" ? [body.stop] : (body.stop ?? []);
  return {
    sampling: parseSampling(body),
    ...(stop.length === 0 ? {} : { stop }),
    ...(body.cache_prompt === undefined ? {} : { reusePrefix: body.cache_prompt }),
  };
}

function parseSampling(body: ChatCompletionRequest | CompletionRequest): SamplingParameters {
  return {
    ...(body.temperature == null ? {} : { temperature: body.temperature }),
    ...(body.top_p == null ? {} : { topP: body.top_p }),
    ...(body.top_k == null ? {} : { topK: body.top_k }),
    ...(body.min_p == null ? {} : { minP: body.min_p }),
    ...(body.repeat_penalty == null ? {} : { repeatPenalty: body.repeat_penalty }),
    ...(body.frequency_penalty == null ? {} : { frequencyPenalty: body.frequency_penalty }),
    ...(body.presence_penalty == null ? {} : { presencePenalty: body.presence_penalty }),
    // −1 is llama-server's word for "random".
    ...(body.seed == null || body.seed === -1 ? {} : { seed: unsigned32(body.seed) }),
  };
}

function unsigned32(seed: number): number {
  const range = 2 ** 32;
  return ((seed % range) + range) % range;
}
