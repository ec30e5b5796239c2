import { type Static, type TSchema, Type } from "typebox";
import { AudioFormatShape } from "./audio-formats.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const open = { additionalProperties: true } as const;

export const Tokens = Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Literal("inf")]);
export const Modalities = Type.Array(Type.Enum(["text", "audio"]), { minItems: 1, maxItems: 1 });
export const Voice = Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Object({ id: Type.String() })]);
export const ToolChoice = Type.Union([
  Type.Enum(["none", "auto", "required"]),
  Type.Object({ type: Type.Literal("function"), name: Type.String({ minLength: 1, maxLength: 128 }) }),
]);
/** Functions alone; other servers' tools (`mcp`) are refused. */
export const FunctionTool = Type.Object({
  type: Type.Literal("function"),
  name: Type.String({ pattern: "^[\\p{L}0-9_-]{1,64}$" }),
  description: Type.Optional(Type.String({ maxLength: 4096 })),
  parameters: Type.Optional(nullable(Type.Object({}, open))),
});
export type ToolChoice = Static<typeof ToolChoice>;
export type FunctionTool = Static<typeof FunctionTool>;
export const Tools = Type.Array(FunctionTool, { maxItems: 128 });

/** Of one schema for both kinds, so that a fault is told by its field; what belongs to the other kind is ignored. */
export const TurnDetectionShape = Type.Object({
  type: Type.Enum(["server_vad", "semantic_vad"]),
  create_response: Type.Optional(Type.Boolean()),
  interrupt_response: Type.Optional(Type.Boolean()),
  threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  prefix_padding_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 5000 })),
  silence_duration_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 10_000 })),
  idle_timeout_ms: Type.Optional(nullable(Type.Integer({ minimum: 1000, maximum: 600_000 }))),
  eagerness: Type.Optional(Type.Enum(["low", "medium", "high", "auto"])),
});

export const TranscriptionShape = Type.Object({
  model: Type.Optional(Type.String({ maxLength: 128 })),
  language: Type.Optional(Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$" })),
  prompt: Type.Optional(Type.String({ maxLength: 4096 })),
});

/** `session.update`'s session: what is absent stays as it was. Fields we do not know are ignored, as OpenAI-compatible servers do. */
export const SessionPatch = Type.Object({
  type: Type.Enum(["realtime", "transcription"]),
  instructions: Type.Optional(Type.String({ maxLength: 200_000 })),
  output_modalities: Type.Optional(Modalities),
  tools: Type.Optional(Tools),
  tool_choice: Type.Optional(ToolChoice),
  max_output_tokens: Type.Optional(Tokens),
  /** Stored prompts are not kept here. */
  prompt: Type.Optional(Type.Null()),
  audio: Type.Optional(
    Type.Object({
      input: Type.Optional(
        Type.Object({
          format: Type.Optional(AudioFormatShape),
          transcription: Type.Optional(nullable(TranscriptionShape)),
          turn_detection: Type.Optional(nullable(TurnDetectionShape)),
        }),
      ),
      output: Type.Optional(
        Type.Object({
          format: Type.Optional(AudioFormatShape),
          voice: Type.Optional(Voice),
          speed: Type.Optional(Type.Number({ minimum: 0.25, maximum: 4 })),
        }),
      ),
    }),
  ),
  /** Ours. A sector for every turn from now on; null: the router decides again. */
  x_sector: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 64 }))),
  /** The conversation this one goes on with. */
  x_session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  /** The speaker agrees to be recorded. */
  x_record: Type.Optional(Type.Boolean()),
  /** Whose conversation it is; a key that belongs to a user speaks for that user, whatever stands here. */
  x_user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
export type SessionPatch = Static<typeof SessionPatch>;

/** `response.create`'s response: what is absent is as in the session. Its `input` is checked item by item. */
export const ResponseParams = Type.Object({
  conversation: Type.Optional(Type.Enum(["auto", "none"])),
  instructions: Type.Optional(Type.String({ maxLength: 200_000 })),
  output_modalities: Type.Optional(Modalities),
  tools: Type.Optional(Tools),
  tool_choice: Type.Optional(ToolChoice),
  max_output_tokens: Type.Optional(Tokens),
  metadata: Type.Optional(nullable(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 })))),
  prompt: Type.Optional(Type.Null()),
  audio: Type.Optional(
    Type.Object({
      output: Type.Optional(Type.Object({ format: Type.Optional(AudioFormatShape), voice: Type.Optional(Voice) })),
    }),
  ),
  input: Type.Optional(Type.Array(Type.Object({ type: Type.Optional(Type.String()) }, open), { maxItems: 256 })),
});
