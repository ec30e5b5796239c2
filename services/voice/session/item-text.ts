import { type MessageLimits, MessageTooLongError } from "../../conversation/index.ts";
import type { NewItem } from "../events/index.ts";

/** All text that an item holds, UTF-16 units. */
export function textLength(item: NewItem): number {
  switch (item.type) {
    case "function_call":
      return item.arguments.length;
    case "function_call_output":
      return item.output.length;
    case "message": {
      const parts: readonly { readonly text?: string; readonly transcript?: string | null }[] = item.content;
      return parts.reduce((sum, { text, transcript }) => sum + (text ?? transcript ?? "").length, 0);
    }
  }
}

/**
 * An item may hold as much text as a message of chat.
 * @param param where it stands in its event @throws {MessageTooLongError}
 */
export function requireShortItem(item: NewItem, { maxCharacters }: MessageLimits, param: string): void {
  const length = textLength(item);
  if (length > maxCharacters) throw new MessageTooLongError(length, maxCharacters, param);
}
