import type { Caller } from "../../access/index.ts";
import { SectorNotAllowedError, UnknownSectorError } from "../../conversation/index.ts";
import { assertSessionId } from "../../sessions/index.ts";
import type { Sectors } from "../../settings/index.ts";
import {
  newSession,
  type SessionConfig,
  type SessionFacts,
  type SessionPatch,
  updateSession,
} from "../events/index.ts";
import type { VoiceCaller } from "../voice-session.ts";
import type { VoiceSessionParts } from "./parts.ts";
import type { Readiness } from "./readiness.ts";

/** What sessions here are made of. */
export function sessionFacts({ speech, turnDetection, voice, speed }: VoiceSessionParts): SessionFacts {
  const { recognizer, synthesizer } = speech;
  const { name, syntheticOnly } = recognizer;
  return { turnDetection, voice, speed, recognizer: name, syntheticOnly, voices: synthesizer.voices };
}

/** A session as its socket asks for it. */
export function firstSession(
  parts: VoiceSessionParts,
  { model, sector, opening }: VoiceCaller,
  id: string,
): SessionConfig {
  const expiresAtS = Math.floor(Date.parse(parts.nowIso()) / 1000) + parts.maxSessionS;
  const session = newSession({ id, model, sector, expiresAtS }, sessionFacts(parts));
  const { input, output } = session.audio;
  const { pcmRate, transcriptionOnly } = opening;
  const format = pcmRate === undefined ? undefined : ({ type: "audio/pcm", rate: pcmRate } as const);
  return {
    ...session,
    type: transcriptionOnly === true ? "transcription" : session.type,
    audio: format === undefined ? session.audio : { input: { ...input, format }, output: { ...output, format } },
  };
}

/**
 * A session after `session.update`; nothing is changed where one of its wishes cannot be met.
 * @throws {VoiceUnknownError} @throws {InvalidRequestError} @throws {InvalidSessionIdError} @throws {UnknownSectorError} @throws {SectorNotAllowedError}
 */
export function changedSession(
  config: SessionConfig,
  patch: SessionPatch,
  { facts, sectors, caller }: { readonly facts: SessionFacts; readonly sectors: Sectors; readonly caller: Caller },
): SessionConfig {
  const changed = updateSession(config, patch, facts);
  const { x_sector: sector, x_session_id: sessionId } = patch;
  if (sessionId !== undefined) assertSessionId(sessionId);
  if (sector != null) {
    if (sectors.byId(sector) === undefined)
      throw new UnknownSectorError(
        sector,
        sectors.all.map(({ id }) => id),
      );
    if (caller.sectors?.includes(sector) === false) throw new SectorNotAllowedError(sector);
  }
  return changed;
}

/** A session that does without what is missing: replies in writing, commits by the client. */
export function withoutMissing(config: SessionConfig, { synthesizer, voiceActivity }: Readiness): SessionConfig {
  const { input, output } = config.audio;
  return {
    ...config,
    output_modalities: synthesizer === undefined ? config.output_modalities : ["text"],
    audio: { output, input: voiceActivity === undefined ? input : { ...input, turn_detection: null } },
  };
}
