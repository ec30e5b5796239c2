export { type BuildAppOptions, buildApp } from "./build-app.ts";
export { streamBytes } from "./byte-stream.ts";
export { clientSignal } from "./client-signal.ts";
export { streamEvents } from "./event-stream.ts";
export { openAiErrorHandler, openAiErrors } from "./openai-errors.ts";
export { problemErrors, renderProblem } from "./problem-errors.ts";
export { onReplyClose } from "./reply-close.ts";
export { asPlatformError } from "./request-faults.ts";
export { streamFailure } from "./stream-failures.ts";
