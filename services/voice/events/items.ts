import { type Static, Type } from "typebox";

const id = Type.String({ minLength: 1, maxLength: 128 });
const common = {
  id: Type.Optional(id),
  object: Type.Optional(Type.Literal("realtime.item")),
  status: Type.Optional(Type.Enum(["completed", "incomplete", "in_progress"])),
};

/** One schema a kind of content, so that a fault is told of the kind that was meant. */
export const contentShapes = {
  input_text: Type.Object({ type: Type.Literal("input_text"), text: Type.String() }),
  /** `audio`: base64 in the session's input format. */
  input_audio: Type.Object({
    type: Type.Literal("input_audio"),
    audio: Type.Optional(Type.String()),
    transcript: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  }),
  output_text: Type.Object({ type: Type.Literal("output_text"), text: Type.String() }),
  /** The audio itself is not kept: what was said stands in `transcript`. */
  output_audio: Type.Object({
    type: Type.Literal("output_audio"),
    transcript: Type.Optional(Type.String()),
    audio: Type.Optional(Type.String()),
  }),
} as const;
export type ContentType = keyof typeof contentShapes;

/** What each role may say. */
export const contentOfRole: Readonly<Record<"system" | "user" | "assistant", readonly ContentType[]>> = {
  system: ["input_text"],
  user: ["input_text", "input_audio"],
  assistant: ["output_text", "output_audio"],
};

/** Content is checked part by part, by its own schema. */
export const MessageShape = Type.Object({
  ...common,
  type: Type.Literal("message"),
  role: Type.Enum(["system", "user", "assistant"]),
  content: Type.Array(Type.Object({ type: Type.String() }), { maxItems: 64 }),
});

export const FunctionCallShape = Type.Object({
  ...common,
  type: Type.Literal("function_call"),
  name: Type.String({ minLength: 1, maxLength: 128 }),
  arguments: Type.String(),
  call_id: Type.Optional(id),
});

export const FunctionCallOutputShape = Type.Object({
  ...common,
  type: Type.Literal("function_call_output"),
  call_id: id,
  output: Type.String(),
});

export type InputText = Static<typeof contentShapes.input_text>;
export type InputAudio = Static<typeof contentShapes.input_audio>;
export type OutputText = Static<typeof contentShapes.output_text>;
export type OutputAudio = Static<typeof contentShapes.output_audio>;

interface Common {
  /** Absent where a client leaves it to us. */
  readonly id?: string;
  readonly object?: "realtime.item";
  readonly status?: ItemStatus;
}
export type ItemStatus = "completed" | "incomplete" | "in_progress";

export interface SystemMessage extends Common {
  readonly type: "message";
  readonly role: "system";
  readonly content: readonly InputText[];
}
export interface UserMessage extends Common {
  readonly type: "message";
  readonly role: "user";
  readonly content: readonly (InputText | InputAudio)[];
}
export interface AssistantMessage extends Common {
  readonly type: "message";
  readonly role: "assistant";
  readonly content: readonly (OutputText | OutputAudio)[];
}
export interface FunctionCall extends Common {
  readonly type: "function_call";
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
  readonly call_id?: string;
}
export interface FunctionCallOutput extends Common {
  readonly type: "function_call_output";
  readonly call_id: string;
  readonly output: string;
}

/** As a client sends it. */
export type NewItem = SystemMessage | UserMessage | AssistantMessage | FunctionCall | FunctionCallOutput;

/** As we send it: named, and with its state. */
export type ConversationItem = NewItem & {
  readonly id: string;
  readonly object: "realtime.item";
  readonly status: ItemStatus;
};
