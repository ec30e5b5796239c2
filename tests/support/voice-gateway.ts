import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import type { Settings } from "../../services/settings/index.ts";
import { addVoice } from "../../services/voice/index.ts";
import type { VoiceSocketLimits } from "../../services/voice/transport/voice-socket.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { buildTestGateway, type GatewayOptions } from "./gateway.ts";
import { type ScriptedVoice, scriptedVoice } from "./scripted-voice.ts";

export interface VoiceGatewayOptions extends Partial<GatewayOptions> {
  readonly voice?: ScriptedVoice;
  readonly socketLimits?: Partial<VoiceSocketLimits>;
  /** Instead of what the environment says. */
  readonly voiceSettings?: Partial<Settings["voice"]>;
}

/** The whole gateway with scripted voice sessions, listening on a free loopback port. */
export async function openVoiceGateway({
  voice = scriptedVoice(),
  socketLimits = {},
  voiceSettings = {},
  ...more
}: VoiceGatewayOptions = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"] },
    ...more,
  });
  const given = built.voice.settings;
  const settings = { ...given, voice: { ...given.voice, ...voiceSettings } };
  const transport = await addVoice(built.app, {
    ...built.voice,
    apiKeys: built.apiKeys,
    settings,
    openSession: voice.openSession,
    socketLimits,
  });
  const url = await built.app.listen({ host: "127.0.0.1", port: 0 });
  return { ...built, transport, sessions: voice.sessions, url, wsUrl: url.replace("http", "ws") };
}
