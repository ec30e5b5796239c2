import type { MessageLimits } from "../../conversation/index.ts";
import { InvalidRequestError } from "../../foundation/index.ts";
import { recognizerSampleRate, WireDecoder } from "../../speech/index.ts";
import {
  type ClientEvent,
  type ClientEventOf,
  decodeBase64,
  type NewItem,
  requireWholeSamples,
  type ServerEvent,
  type SessionConfig,
} from "../events/index.ts";
import type { Ear } from "./ear.ts";
import { NoActiveResponseError } from "./errors.ts";
import { requireShortItem } from "./item-text.ts";
import type { Items } from "./items.ts";
import { joinSamples } from "./join-samples.ts";
import type { Mouth } from "./mouth.ts";
import type { SpokenTurns } from "./spoken-turn.ts";
import type { Signal } from "./state.ts";
import { wireFormat } from "./wire-format.ts";

export interface ClientEventParts {
  readonly items: Items;
  readonly turns: SpokenTurns;
  readonly ear: Ear;
  readonly mouth: Mouth;
  readonly newId: (prefix: string) => string;
  readonly send: (event: ServerEvent) => void;
  readonly dispatch: (signal: Signal) => void;
  readonly config: () => SessionConfig;
  readonly limits: MessageLimits;
  /** @throws {PlatformError} the session cannot become that; it stays as it was */
  readonly update: (patch: ClientEventOf<"session.update">["session"]) => Promise<void>;
  /** The client changed what was said before. */
  readonly onReshaped: () => void;
}

/** What each event of a client asks for. Calls must not overlap. */
export interface ClientEvents {
  /** @throws {PlatformError} why it is refused */
  take(event: ClientEvent): Promise<void> | void;
  /** @throws {InvalidAudioError} */
  hear(messages: readonly Uint8Array[]): Promise<void>;
}

export function createClientEvents(parts: ClientEventParts): ClientEvents {
  const { items, turns, ear, mouth, send, dispatch } = parts;

  const hear = async (messages: readonly Uint8Array[]): Promise<void> => {
    for (const message of messages) requireWholeSamples(parts.config().audio.input.format, message);
    dispatch({ type: "audio" });
    await ear.hear(messages);
  };
  const create = ({ item: asked, previous_item_id: after }: ClientEventOf<"conversation.item.create">): void => {
    requireShortItem(asked, parts.limits, "item");
    const { item: wanted, audio } = withoutAudio(asked, parts.config());
    const atEnd = after == null || after === items.lastId;
    const { item, previousId } = items.add(wanted, atEnd ? undefined : after);
    if (!atEnd || (item.type === "message" && item.role === "assistant")) parts.onReshaped();
    send({ type: "conversation.item.added", item, previous_item_id: previousId });
    send({ type: "conversation.item.done", item, previous_item_id: previousId });
    if (audio !== undefined) ear.transcribe(item.id, audio);
  };
  const truncate = (event: ClientEventOf<"conversation.item.truncate">): void => {
    const { item_id: id, content_index: index, audio_end_ms: endMs } = event;
    if (index !== 0)
      throw new InvalidRequestError("Spoken items have one part: content_index is 0.", {
        param: "content_index",
        messageTr: "Söylenen öğelerin tek parçası vardır: content_index 0 olmalıdır.",
      });
    mouth.mark();
    turns.correct(id, items.truncate(id, endMs));
    send({ type: "conversation.item.truncated", item_id: id, content_index: 0, audio_end_ms: endMs });
  };
  const remove = (id: string): void => {
    items.delete(id);
    parts.onReshaped();
    send({ type: "conversation.item.deleted", item_id: id });
  };
  const respond = ({ response = {} }: ClientEventOf<"response.create">): void => {
    if (parts.config().type === "transcription") {
      throw new InvalidRequestError("A transcription session gives no responses.", {
        param: "type",
        messageTr: "Yalnız yazıya döken oturumlar yanıt vermez.",
      });
    }
    for (const item of response.input ?? [])
      if (item.type !== "item_reference") requireShortItem(item, parts.limits, "response.input");
    mouth.wish(response);
    dispatch({ type: "reply-asked" });
  };
  const cancel = (responseId: string | undefined): void => {
    if (responseId !== undefined && responseId !== mouth.responseId) throw new NoActiveResponseError();
    dispatch({ type: "reply-cancelled" });
  };

  return {
    hear,
    take: (event) => {
      switch (event.type) {
        case "session.update":
          return parts.update(event.session);
        case "input_audio_buffer.append":
          return hear([event.audio]);
        case "input_audio_buffer.commit":
          ear.commit();
          return;
        case "input_audio_buffer.clear":
          return ear.clear();
        case "conversation.item.create":
          return create(event);
        case "conversation.item.retrieve":
          return send({ type: "conversation.item.retrieved", item: items.get(event.item_id) });
        case "conversation.item.truncate":
          return truncate(event);
        case "conversation.item.delete":
          return remove(event.item_id);
        case "response.create":
          return respond(event);
        case "response.cancel":
          return cancel(event.response_id);
        case "output_audio_buffer.clear":
          if (mouth.responseId !== undefined) dispatch({ type: "reply-cancelled" });
          return;
      }
    },
  };
}

/** Audio in an item is written down; the item itself keeps none. */
function withoutAudio(
  item: NewItem,
  config: SessionConfig,
): { readonly item: NewItem; readonly audio: Float32Array<ArrayBuffer> | undefined } {
  if (item.type !== "message" || item.role === "system") return { item, audio: undefined };
  if (item.role === "assistant") {
    const content = item.content.map((part) =>
      part.type === "output_text" ? part : { type: part.type, transcript: part.transcript ?? "" },
    );
    return { item: { ...item, content }, audio: undefined };
  }
  const { format } = config.audio.input;
  const pieces: Float32Array[] = [];
  const content = item.content.map((part) => {
    if (part.type !== "input_audio") return part;
    if (part.transcript == null && part.audio !== undefined) {
      if (format.type === "audio/opus")
        throw new InvalidRequestError("An item's audio cannot be Opus: append it packet by packet.", {
          param: "item",
          messageTr: "Bir öğenin sesi Opus olamaz: paketleri tek tek gönderin.",
        });
      const bytes = decodeBase64(part.audio);
      requireWholeSamples(format, bytes);
      const decoder = new WireDecoder(wireFormat(format), recognizerSampleRate);
      pieces.push(decoder.push(bytes), decoder.flush());
    }
    return { type: part.type, transcript: part.transcript ?? null };
  });
  return { item: { ...item, content }, audio: pieces.length === 0 ? undefined : joinSamples(pieces) };
}
