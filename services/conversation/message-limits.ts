import { EmptyMessageError, MessageTooLongError, TooManyMessagesError } from "./errors.ts";

export interface MessageLimits {
  /** UTF-16 code units of one message. */
  readonly maxCharacters: number;
  readonly maxMessages: number;
}

/** @returns the message in NFC, as it goes to the router and the model */
export function checkedMessage(text: string, limits: MessageLimits): string {
  if (text.length > limits.maxCharacters) throw new MessageTooLongError(text.length, limits.maxCharacters);
  const normal = text.normalize("NFC");
  if (normal.trim() === "") throw new EmptyMessageError();
  return normal;
}

export function checkMessageCount(count: number, limits: MessageLimits): void {
  if (count > limits.maxMessages) throw new TooManyMessagesError(count, limits.maxMessages);
}

/** @throws {TooManyMessagesError} @throws {MessageTooLongError} */
export function checkHistory(history: readonly { readonly content: string }[], limits: MessageLimits): void {
  checkMessageCount(history.length, limits);
  for (const { content } of history)
    if (content.length > limits.maxCharacters) throw new MessageTooLongError(content.length, limits.maxCharacters);
}
