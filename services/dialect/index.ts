export {
  ChatCompletionRequest,
  CompletionRequest,
  EmbeddingRequest,
  LoadAdapterRequest,
  TokenizeRequest,
  UnloadAdapterRequest,
} from "./chat-schemas.ts";
export { parseChatRequest, parseCompletionRequest, textOf } from "./parse-chat.ts";
export {
  ChatChunkWriter,
  type CollectedReply,
  type CompletionIdentity,
  collectReply,
  renderChatCompletion,
  renderUsage,
  sumUsage,
  usageChunk,
} from "./render-chat.ts";
export { completionFrames, renderCompletion } from "./render-completion.ts";
export { renderEmbeddings } from "./render-embeddings.ts";
export { renderOpenAiError } from "./render-error.ts";
export { formatEvent, formatJsonEvent, type ServerSentEvent } from "./server-sent-events.ts";
