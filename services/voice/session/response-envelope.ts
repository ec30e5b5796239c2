import type { FinishReason, ToolCall, Usage } from "../../inference/index.ts";
import type {
  AudioFormat,
  ContentPart,
  ConversationItem,
  OutputModalities,
  RealtimeResponse,
  ServerEvent,
  StatusDetails,
} from "../events/index.ts";
import type { Items } from "./items.ts";

/** How a response is asked for. */
export interface ResponseTerms {
  readonly output_modalities: OutputModalities;
  readonly max_output_tokens: number | "inf";
  readonly audio: { readonly output: { readonly format: AudioFormat; readonly voice: string } };
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Null: outside the conversation, whose items it leaves as they are. */
  readonly conversation_id: string | null;
}

export interface EnvelopeParts {
  readonly id: string;
  readonly terms: ResponseTerms;
  readonly items: Items;
  readonly newItemId: () => string;
  readonly send: (event: ServerEvent) => void;
}

export type ResponseEnd =
  | { readonly status: "completed" }
  | { readonly status: "cancelled"; readonly reason: "turn_detected" | "client_cancelled" }
  | { readonly status: "incomplete"; readonly reason: "max_output_tokens" }
  | { readonly status: "failed"; readonly error: { readonly type: string; readonly code: string } };

/** One response in the protocol's order of events: created, its items with their parts, done. */
export interface ResponseEnvelope {
  readonly id: string;
  /** Of the message, once there is one. */
  readonly messageId: string | undefined;
  /** The text of the message so far. */
  readonly text: string;
  sendText(delta: string): void;
  /** The text of the audio that follows. */
  sendTranscript(delta: string): void;
  sendAudio(bytes: Uint8Array): void;
  sendToolCall(call: ToolCall): void;
  /** Once; afterwards nothing more is sent. */
  end(end: ResponseEnd, usage: Usage | null): void;
}

interface OpenMessage {
  item: ConversationItem;
  readonly outputIndex: number;
  text: string;
}

export function openResponse({ id, terms, items, newItemId, send }: EnvelopeParts): ResponseEnvelope {
  const output: ConversationItem[] = [];
  let message: OpenMessage | undefined;
  let ended = false;
  const isSpoken = terms.output_modalities[0] === "audio";
  const inConversation = terms.conversation_id !== null;

  const addItem = (fresh: Parameters<Items["add"]>[0]): { item: ConversationItem; outputIndex: number } => {
    const outputIndex = output.length;
    const added = inConversation
      ? items.add(fresh)
      : { item: { ...fresh, object: "realtime.item" } as ConversationItem, previousId: null };
    output.push(added.item);
    send({ type: "response.output_item.added", response_id: id, output_index: outputIndex, item: added.item });
    if (inConversation) send({ type: "conversation.item.added", previous_item_id: added.previousId, item: added.item });
    return { item: added.item, outputIndex };
  };
  const closeItem = (item: ConversationItem, outputIndex: number): void => {
    output[outputIndex] = item;
    send({ type: "response.output_item.done", response_id: id, output_index: outputIndex, item });
    if (!inConversation || !items.has(item.id)) return;
    items.replace(item);
    send({ type: "conversation.item.done", previous_item_id: items.previousIdOf(item.id), item });
  };
  const partOf = (text: string): ContentPart =>
    isSpoken ? { type: "audio", transcript: text } : { type: "text", text };
  const contentOf = ({ item, outputIndex }: OpenMessage) => ({
    response_id: id,
    item_id: item.id,
    output_index: outputIndex,
    content_index: 0,
  });
  const openMessage = (): OpenMessage => {
    if (message !== undefined) return message;
    const fresh = {
      id: newItemId(),
      type: "message",
      role: "assistant",
      status: "in_progress",
      content: [],
    } as const;
    message = { ...addItem(fresh), text: "" };
    send({ type: "response.content_part.added", ...contentOf(message), part: partOf("") });
    return message;
  };
  const closeMessage = (status: "completed" | "incomplete"): void => {
    if (message === undefined) return;
    const { text, outputIndex } = message;
    const at = contentOf(message);
    if (isSpoken) {
      send({ type: "response.output_audio.done", ...at });
      send({ type: "response.output_audio_transcript.done", ...at, transcript: text });
    } else send({ type: "response.output_text.done", ...at, text });
    send({ type: "response.content_part.done", ...at, part: partOf(text) });
    const content = isSpoken
      ? ({ type: "output_audio", transcript: text } as const)
      : ({ type: "output_text", text } as const);
    closeItem({ ...message.item, status, content: [content] } as ConversationItem, outputIndex);
  };
  const response = (end: ResponseEnd | undefined, usage: Usage | null): RealtimeResponse => ({
    object: "realtime.response",
    id,
    status: end?.status ?? "in_progress",
    status_details: detailsOf(end),
    output: [...output],
    ...terms,
    usage: usage === null ? null : usageOf(usage),
  });

  send({ type: "response.created", response: response(undefined, null) });
  return {
    id,
    get messageId() {
      return message?.item.id;
    },
    get text() {
      return message?.text ?? "";
    },
    sendText: (delta) => {
      if (ended || delta === "") return;
      const open = openMessage();
      open.text += delta;
      send({ type: "response.output_text.delta", ...contentOf(open), delta });
    },
    sendTranscript: (delta) => {
      if (ended || delta === "") return;
      const open = openMessage();
      open.text += delta;
      send({ type: "response.output_audio_transcript.delta", ...contentOf(open), delta });
    },
    sendAudio: (bytes) => {
      if (ended) return;
      const open = openMessage();
      const delta = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
      send({ type: "response.output_audio.delta", ...contentOf(open), delta });
    },
    sendToolCall: ({ id: callId, name, arguments: text }) => {
      if (ended) return;
      const fresh = { id: newItemId(), type: "function_call", call_id: callId, name } as const;
      const { item, outputIndex } = addItem({ ...fresh, status: "in_progress", arguments: "" });
      const at = { response_id: id, item_id: item.id, output_index: outputIndex, call_id: callId };
      send({ type: "response.function_call_arguments.delta", ...at, delta: text });
      send({ type: "response.function_call_arguments.done", ...at, name, arguments: text });
      closeItem({ ...item, ...fresh, status: "completed", arguments: text } as ConversationItem, outputIndex);
    },
    end: (end, usage) => {
      if (ended) return;
      closeMessage(end.status === "completed" ? "completed" : "incomplete");
      ended = true;
      send({ type: "response.done", response: response(end, usage) });
    },
  };
}

/** How a reply of the engine ended, in the protocol's words. */
export function endOf(reason: FinishReason): ResponseEnd {
  return reason === "length" ? { status: "incomplete", reason: "max_output_tokens" } : { status: "completed" };
}

function detailsOf(end: ResponseEnd | undefined): StatusDetails | null {
  switch (end?.status) {
    case "cancelled":
      return { type: "cancelled", reason: end.reason };
    case "incomplete":
      return { type: "incomplete", reason: end.reason };
    case "failed":
      return { type: "failed", error: end.error };
    default:
      return null;
  }
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: Usage): RealtimeResponse["usage"] {
  return {
    total_tokens: promptTokens + completionTokens,
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    input_token_details: { text_tokens: promptTokens, audio_tokens: 0, cached_tokens: cachedTokens },
    output_token_details: { text_tokens: completionTokens, audio_tokens: 0 },
  };
}
