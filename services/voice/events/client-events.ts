import { type Static, type TSchema, Type } from "typebox";
import type { NewItem } from "./items.ts";
import { ResponseParams, SessionPatch } from "./session-shapes.ts";

const id = Type.String({ minLength: 1, maxLength: 128 });
const eventId = { event_id: Type.Optional(Type.String({ maxLength: 512 })) };
const unchecked = Type.Object({}, { additionalProperties: true });

function shape<const T extends string, P extends Record<string, TSchema>>(type: T, fields: P) {
  return Type.Object({ ...eventId, type: Type.Literal(type), ...fields });
}

/** Every event a client may send, by its type. Items are looked at apart: see check-item.ts. */
export const clientEventShapes = {
  "session.update": shape("session.update", { session: SessionPatch }),
  "input_audio_buffer.append": shape("input_audio_buffer.append", { audio: Type.String() }),
  "input_audio_buffer.commit": shape("input_audio_buffer.commit", {}),
  "input_audio_buffer.clear": shape("input_audio_buffer.clear", {}),
  "conversation.item.create": shape("conversation.item.create", {
    item: unchecked,
    /** `root`: at the head. */
    previous_item_id: Type.Optional(Type.Union([id, Type.Null()])),
  }),
  "conversation.item.retrieve": shape("conversation.item.retrieve", { item_id: id }),
  "conversation.item.truncate": shape("conversation.item.truncate", {
    item_id: id,
    content_index: Type.Integer({ minimum: 0 }),
    audio_end_ms: Type.Integer({ minimum: 0 }),
  }),
  "conversation.item.delete": shape("conversation.item.delete", { item_id: id }),
  "response.create": shape("response.create", { response: Type.Optional(ResponseParams) }),
  "response.cancel": shape("response.cancel", { response_id: Type.Optional(id) }),
  /** Of calls over WebRTC; over WebSocket it stops what we still send. */
  "output_audio_buffer.clear": shape("output_audio_buffer.clear", {}),
} as const;
export type ClientEventType = keyof typeof clientEventShapes;

type Sent<T extends ClientEventType> = Static<(typeof clientEventShapes)[T]>;
type AsSent = Exclude<ClientEventType, "input_audio_buffer.append" | "conversation.item.create" | "response.create">;

export interface ItemReference {
  readonly type: "item_reference";
  readonly id: string;
}

/** A response's wishes, checked. `input` stands in the place of the conversation. */
export type ResponseWishes = Omit<Static<typeof ResponseParams>, "input"> & {
  readonly input?: readonly (NewItem | ItemReference)[];
};

/** What a client asks, checked and in the protocol's present names. */
export type ClientEvent =
  | { readonly [T in AsSent]: Sent<T> }[AsSent]
  /** Decoded: bytes in the session's input format, perhaps not a whole number of samples. */
  | (Omit<Sent<"input_audio_buffer.append">, "audio"> & { readonly audio: Uint8Array })
  | (Omit<Sent<"conversation.item.create">, "item"> & { readonly item: NewItem })
  | (Omit<Sent<"response.create">, "response"> & { readonly response?: ResponseWishes });

/** One event by its type: `ClientEventOf<"response.create">`. */
export type ClientEventOf<T extends ClientEventType> = Extract<ClientEvent, { readonly type: T }>;
