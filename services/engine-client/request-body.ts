import {
  type ChatMessage,
  type GenerateRequest,
  type ResponseFormat,
  type ToolChoice,
  UnsupportedFeatureError,
} from "../inference/index.ts";

/** Which of OpenAI's two endpoints a request goes to, and the part of its body every system reads alike. */
export interface OpenAiCall {
  readonly path: "/v1/chat/completions" | "/v1/completions";
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What is not said here the systems would fill in differently (temperature 0.7, 0.8, 1 …), so the engine's defaults are always written out.
 * @throws {UnsupportedFeatureError} raw text with a response format or log-probabilities, which the systems do each in their own way
 */
export function openAiCall(request: GenerateRequest): OpenAiCall {
  const { prompt, sampling = {} } = request;
  const common = {
    stream: true,
    stream_options: { include_usage: true },
    temperature: sampling.temperature ?? 0,
    ...(sampling.frequencyPenalty === undefined ? {} : { frequency_penalty: sampling.frequencyPenalty }),
    ...(sampling.presencePenalty === undefined ? {} : { presence_penalty: sampling.presencePenalty }),
    ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
    ...(request.maxTokens === undefined ? {} : { max_tokens: request.maxTokens }),
    ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop: request.stop }),
  };
  if ("text" in prompt) {
    if (request.responseFormat !== undefined && request.responseFormat.type !== "text") {
      throw new UnsupportedFeatureError("A response format for raw text", "response_format");
    }
    if (request.topLogprobs !== undefined)
      throw new UnsupportedFeatureError("Log-probabilities of raw text", "logprobs");
    return { path: "/v1/completions", body: { ...common, prompt: prompt.text } };
  }
  return {
    path: "/v1/chat/completions",
    body: {
      ...common,
      messages: prompt.messages.map(renderMessage),
      ...(prompt.tools === undefined || prompt.tools.length === 0
        ? {}
        : {
            tools: prompt.tools.map((tool) => ({ type: "function", function: tool })),
            tool_choice: renderToolChoice(prompt.toolChoice ?? "auto"),
          }),
      ...renderFormat(request.responseFormat),
      // llama-server takes 0 as "none at all", so at least one is asked for; the reader cuts what is too many.
      ...(request.topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: Math.max(1, request.topLogprobs) }),
    },
  };
}

function renderMessage(message: ChatMessage): object {
  return {
    role: message.role,
    content: message.content,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
    ...(message.toolCalls === undefined || message.toolCalls.length === 0
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
  };
}

function renderToolChoice(choice: ToolChoice): unknown {
  return typeof choice === "string" ? choice : { type: "function", function: choice };
}

/** A choice in vLLM's words, which our own infer understands too. */
function renderFormat(format: ResponseFormat | undefined): object {
  if (format === undefined) return {};
  if (format.type === "choice") return { structured_outputs: { choice: format.choices } };
  return {
    response_format:
      format.type === "json_schema"
        ? { type: "json_schema", json_schema: { name: "reply", schema: format.schema, strict: true } }
        : format,
  };
}
