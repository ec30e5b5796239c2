export { pause, within, withTimeout } from "./deadline.ts";
export { Disposal } from "./disposal.ts";
export { EventQueue } from "./event-queue.ts";
export type { Logger } from "./logger.ts";
export { orAbort } from "./or-abort.ts";
export { InvalidRequestError, PlatformError, type PlatformErrorInit } from "./platform-error.ts";
export { storable } from "./storable.ts";
export { foldTurkish, stripTurkishDiacritics } from "./turkish.ts";
