export { type Admit, createAdmission } from "./admission.ts";
export type { ClientEvent, ServerEvent, ServerEventOf, ServerEventType } from "./events/index.ts";
export { createRecordingEraser, type EraseRecordings } from "./session/erase-recordings.ts";
export type { VoiceParts } from "./transport/voice-routes.ts";
export { addVoice, type VoiceTransport } from "./transport/voice-transport.ts";
export type {
  OpenVoiceSession,
  VoiceCaller,
  VoiceCloseReason,
  VoiceOpening,
  VoiceOutput,
  VoiceSession,
} from "./voice-session.ts";
