import { renderOpenAiError } from "../../dialect/index.ts";
import type { PlatformError } from "../../foundation/index.ts";
import type { ErrorEvent } from "./server-events.ts";

/** @param eventId the client's event that the error answers to */
export function renderErrorEvent(error: PlatformError, eventId: string | null = null): ErrorEvent {
  const { type, code, message, param } = renderOpenAiError(error).error;
  return {
    type: "error",
    error: {
      type,
      code,
      message,
      param,
      event_id: eventId,
      ...(error.messageTr === undefined ? {} : { x_message_tr: error.messageTr }),
    },
  };
}
