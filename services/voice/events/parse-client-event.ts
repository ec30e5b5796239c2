import { type AudioFormat, sampleBytes } from "./audio-formats.ts";
import { isTree, withPresentNames } from "./beta-names.ts";
import { checkedItem, checkedItemOrReference } from "./check-item.ts";
import { type ClientEvent, type ClientEventOf, type ClientEventType, clientEventShapes } from "./client-events.ts";
import { InvalidAudioError, UnknownEventError } from "./errors.ts";
import { requireShape } from "./field-faults.ts";
import { parseMessage, type Refusal } from "./parse-message.ts";

export type ParsedEvent = { readonly event: ClientEvent } | Refusal;

/** One text message of a client → the event it holds, in the protocol's present names, or why it holds none. Never throws. */
export function parseClientEvent(text: string): ParsedEvent {
  const parsed = parseMessage(text, (message) => checkedEvent(withPresentNames(message)));
  return "value" in parsed ? { event: parsed.value } : parsed;
}

/** @throws {InvalidAudioError} a sample is cut in two */
export function requireWholeSamples(format: AudioFormat, audio: Uint8Array): void {
  if (audio.byteLength % sampleBytes(format) !== 0) throw new InvalidAudioError("odd");
}

/** @throws {InvalidAudioError} */
export function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  // Node leaves out what is no base64 instead of refusing it; the length tells.
  const { length } = text.endsWith("==") ? text.slice(0, -2) : text.endsWith("=") ? text.slice(0, -1) : text;
  if (bytes.byteLength !== Math.floor((length * 3) / 4) || length % 4 === 1) throw new InvalidAudioError("base64");
  return bytes;
}

function checkedEvent(event: Readonly<Record<string, unknown>>): ClientEvent {
  const type = String(event["type"]);
  if (!isKnown(type)) throw new UnknownEventError(type);
  requireShape(clientEventShapes[type], event);
  const checked = event as { readonly type: ClientEventType };
  switch (checked.type) {
    case "input_audio_buffer.append":
      return { ...checked, type: checked.type, audio: decodeBase64(String(event["audio"])) };
    case "conversation.item.create":
      return { ...checked, type: checked.type, item: checkedItem(treeIn(event["item"]), "item") };
    case "response.create":
      return withCheckedInput(checked as ClientEventOf<"response.create">);
    default:
      return checked as ClientEvent;
  }
}

function withCheckedInput(event: ClientEventOf<"response.create">): ClientEvent {
  const { input, ...wishes } = event.response ?? {};
  if (input === undefined) return event;
  const items = (input as readonly unknown[]).map((item, index) =>
    checkedItemOrReference(treeIn(item), `response.input.${index}`),
  );
  return { ...event, response: { ...wishes, input: items } };
}

function treeIn(value: unknown): Readonly<Record<string, unknown>> {
  return isTree(value) ? value : {};
}

function isKnown(type: string): type is ClientEventType {
  return Object.hasOwn(clientEventShapes, type);
}
