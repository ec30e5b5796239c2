import { type Static, Type } from "typebox";

/** What a plain client may say besides audio. Every message is one JSON object; audio comes as binary PCM16. */
export const simpleMessageShapes = {
  /** Typed instead of spoken. */
  text: Type.Object({ type: Type.Literal("text"), text: Type.String({ minLength: 1 }) }),
  /** Push-to-talk: that was all, answer now. */
  commit: Type.Object({ type: Type.Literal("commit") }),
  /** Stop the reply. */
  cancel: Type.Object({ type: Type.Literal("cancel") }),
  /** Forget the audio that has come since the last turn. */
  clear: Type.Object({ type: Type.Literal("clear") }),
  /** The reply was heard up to here, ms of its audio: the rest goes out of the conversation. */
  played: Type.Object({ type: Type.Literal("played"), ms: Type.Integer({ minimum: 0 }) }),
  settings: Type.Object({
    type: Type.Literal("settings"),
    sector: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()])),
    session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    record: Type.Optional(Type.Boolean()),
    instructions: Type.Optional(Type.String({ maxLength: 200_000 })),
    voice: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    speed: Type.Optional(Type.Number({ minimum: 0.25, maximum: 4 })),
    language: Type.Optional(Type.String({ pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$" })),
    silence_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 10_000 })),
    push_to_talk: Type.Optional(Type.Boolean()),
    text_only: Type.Optional(Type.Boolean()),
  }),
} as const;

type Shapes = typeof simpleMessageShapes;
export type SimpleMessage = { [T in keyof Shapes]: Static<Shapes[T]> }[keyof Shapes];
export type SimpleSettings = Static<Shapes["settings"]>;
