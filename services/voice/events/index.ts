export { type AudioFormat, audioFormat, type PcmRate, pcmRates } from "./audio-formats.ts";
export type {
  ClientEvent,
  ClientEventOf,
  ClientEventType,
  ItemReference,
  ResponseWishes,
} from "./client-events.ts";
export { InvalidAudioError, UnknownEventError } from "./errors.ts";
export { requireShape } from "./field-faults.ts";
export type {
  AssistantMessage,
  ConversationItem,
  FunctionCall,
  FunctionCallOutput,
  InputAudio,
  InputText,
  ItemStatus,
  NewItem,
  OutputAudio,
  OutputText,
  SystemMessage,
  UserMessage,
} from "./items.ts";
export { decodeBase64, type ParsedEvent, parseClientEvent, requireWholeSamples } from "./parse-client-event.ts";
export { parseMessage, type Refusal } from "./parse-message.ts";
export { renderErrorEvent } from "./render-error-event.ts";
export type {
  ContentPart,
  ErrorEvent,
  EventError,
  RateLimitsEvent,
  RealtimeResponse,
  ResponseUsage,
  ServerEvent,
  ServerEventOf,
  ServerEventType,
  StatusDetails,
  TurnMetrics,
} from "./server-events.ts";
export {
  modalities,
  type NewSession,
  newSession,
  type OutputModalities,
  type SessionConfig,
  type SessionFacts,
  type Transcription,
  updateSession,
  voiceOf,
} from "./session.ts";
export type { FunctionTool, SessionPatch, ToolChoice } from "./session-shapes.ts";
export type { SemanticVad, ServerVad, TurnDetection, TurnDetectionDefaults } from "./turn-detection.ts";
