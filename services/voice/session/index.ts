export { createVoiceSessions } from "./open-voice-session.ts";
export type { VoiceSessionParts } from "./parts.ts";
export { processClock, type VoiceClock } from "./voice-clock.ts";
