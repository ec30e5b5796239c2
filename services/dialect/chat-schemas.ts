import { type Static, type TSchema, Type } from "typebox";

/** OpenAI's request and reply shapes, as infer and the gateway both speak them. Unknown fields are ignored, as OpenAI-compatible servers do. */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const open = { additionalProperties: true } as const;

export const ContentPart = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) }, open);

export const ToolCallShape = Type.Object({
  id: Type.String(),
  type: Type.Optional(Type.Literal("function")),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
});

export const MessageShape = Type.Object(
  {
    role: Type.Enum(["system", "developer", "user", "assistant", "tool"]),
    content: Type.Optional(nullable(Type.Union([Type.String(), Type.Array(ContentPart)]))),
    name: Type.Optional(nullable(Type.String())),
    tool_calls: Type.Optional(nullable(Type.Array(ToolCallShape))),
    tool_call_id: Type.Optional(nullable(Type.String())),
  },
  open,
);

export const ToolShape = Type.Object({
  type: Type.Literal("function"),
  function: Type.Object(
    {
      name: Type.String({ pattern: "^[\\p{L}0-9_-]{1,64}$" }),
      description: Type.Optional(nullable(Type.String())),
      parameters: Type.Optional(nullable(Type.Object({}, open))),
    },
    open,
  ),
});

const Sampling = {
  temperature: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 2 }))),
  top_p: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 1 }))),
  top_k: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 }))),
  min_p: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 1 }))),
  repeat_penalty: Type.Optional(nullable(Type.Number({ minimum: 0.1, maximum: 3 }))),
  frequency_penalty: Type.Optional(nullable(Type.Number({ minimum: -2, maximum: 2 }))),
  presence_penalty: Type.Optional(nullable(Type.Number({ minimum: -2, maximum: 2 }))),
  seed: Type.Optional(nullable(Type.Integer({ minimum: -9007199254740991, maximum: 9007199254740991 }))),
  stop: Type.Optional(nullable(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 16 })]))),
  /** Ours, as llama-server names it: false computes the prompt anew. */
  cache_prompt: Type.Optional(Type.Boolean()),
};

export const StreamOptions = Type.Object({ include_usage: Type.Optional(Type.Boolean()) }, open);

export const ChatCompletionRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ maxLength: 256 })),
    messages: Type.Array(MessageShape, { minItems: 1 }),
    stream: Type.Optional(nullable(Type.Boolean())),
    stream_options: Type.Optional(nullable(StreamOptions)),
    max_tokens: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    max_completion_tokens: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    n: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 8 }))),
    logprobs: Type.Optional(nullable(Type.Boolean())),
    top_logprobs: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 20 }))),
    tools: Type.Optional(nullable(Type.Array(ToolShape, { maxItems: 128 }))),
    tool_choice: Type.Optional(
      nullable(
        Type.Union([
          Type.Literal("none"),
          Type.Literal("auto"),
          Type.Literal("required"),
          Type.Object({ type: Type.Literal("function"), function: Type.Object({ name: Type.String() }) }),
        ]),
      ),
    ),
    response_format: Type.Optional(
      nullable(
        Type.Union([
          Type.Object({ type: Type.Literal("text") }),
          Type.Object({ type: Type.Literal("json_object") }),
          Type.Object({
            type: Type.Literal("json_schema"),
            json_schema: Type.Object({ name: Type.Optional(Type.String()), schema: Type.Object({}, open) }, open),
          }),
        ]),
      ),
    ),
    /** vLLM's: the reply is exactly one of the texts. Its other kinds (json, regex, …) are refused by name. */
    structured_outputs: Type.Optional(
      nullable(
        Type.Object(
          {
            choice: Type.Optional(
              nullable(Type.Array(Type.String({ minLength: 1, maxLength: 4000 }), { minItems: 1, maxItems: 64 })),
            ),
          },
          open,
        ),
      ),
    ),
    user: Type.Optional(nullable(Type.String({ maxLength: 256 }))),
    /** Ours, between gateway and engine: a conversation that is too long loses its oldest turns instead of being refused. */
    truncate_prompt: Type.Optional(Type.Boolean()),
    ...Sampling,
  },
  open,
);
export type ChatCompletionRequest = Static<typeof ChatCompletionRequest>;

export const CompletionRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ maxLength: 256 })),
    prompt: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 32 })]),
    stream: Type.Optional(nullable(Type.Boolean())),
    stream_options: Type.Optional(nullable(StreamOptions)),
    max_tokens: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
    n: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 1 }))),
    echo: Type.Optional(nullable(Type.Literal(false))),
    // Refused by name: see parseCompletionRequest.
    logprobs: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 20 }))),
    best_of: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 20 }))),
    suffix: Type.Optional(nullable(Type.String())),
    user: Type.Optional(nullable(Type.String({ maxLength: 256 }))),
    ...Sampling,
  },
  open,
);
export type CompletionRequest = Static<typeof CompletionRequest>;

export const EmbeddingRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ maxLength: 256 })),
    input: Type.Union([
      Type.String({ minLength: 1 }),
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 256 }),
    ]),
    encoding_format: Type.Optional(Type.Union([Type.Literal("float"), Type.Literal("base64")])),
  },
  open,
);
export type EmbeddingRequest = Static<typeof EmbeddingRequest>;

export const TokenizeRequest = Type.Object(
  {
    content: Type.String(),
    add_special: Type.Optional(Type.Boolean()),
    with_pieces: Type.Optional(Type.Boolean()),
  },
  open,
);
export type TokenizeRequest = Static<typeof TokenizeRequest>;

export const LoadAdapterRequest = Type.Object({
  lora_name: Type.String({ minLength: 1, maxLength: 256 }),
  lora_path: Type.String({ minLength: 1, maxLength: 4096 }),
  load_inplace: Type.Optional(Type.Boolean()),
});
export type LoadAdapterRequest = Static<typeof LoadAdapterRequest>;

export const UnloadAdapterRequest = Type.Object({ lora_name: Type.String({ minLength: 1, maxLength: 256 }) }, open);
export type UnloadAdapterRequest = Static<typeof UnloadAdapterRequest>;
