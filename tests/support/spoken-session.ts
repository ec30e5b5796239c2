import { Registry } from "prom-client";
import {
  createAdapterDirectory,
  createKeepTurn,
  createResolveModel,
  createTakeTurn,
  type GroundPrompt,
} from "../../services/conversation/index.ts";
import { registerVoiceMetrics } from "../../services/observability/index.ts";
import type { RequestRow } from "../../services/records/index.ts";
import { createMemorySessionStore } from "../../services/sessions/memory-session-store.ts";
import { int16ToBytes, recognizerSampleRate } from "../../services/speech/index.ts";
import type { ClientEvent, ServerEvent, ServerEventOf, ServerEventType } from "../../services/voice/events/index.ts";
import type { VoiceCaller, VoiceCloseReason } from "../../services/voice/index.ts";
import { createVoiceSessions, type VoiceSessionParts } from "../../services/voice/session/index.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { settle } from "./macrotask.ts";
import { type Script, ScriptedEngine } from "./scripted-engine.ts";
import {
  int16,
  type RecognizerScript,
  type SynthesizerScript,
  scriptedRecognizer,
  scriptedSynthesizer,
  scriptedVoiceActivity,
  silence,
  tone,
  type VoiceActivityScript,
} from "./speech.ts";
import { createTestClock } from "./test-clock.ts";

export interface SpokenSessionScript {
  readonly recognizer?: RecognizerScript;
  readonly synthesizer?: SynthesizerScript;
  readonly activity?: VoiceActivityScript;
  readonly engine?: Script;
  readonly caller?: Partial<VoiceCaller>;
  readonly parts?: Partial<VoiceSessionParts>;
  readonly groundPrompt?: GroundPrompt;
}

/** Length of one frame of the microphone, ms; what is heard is as long as what passes on the clock. */
const frameMs = 32;

/** A spoken session with scripted ears, mouth and model, real turns and sessions, and a clock that the test turns. */
export async function openSpokenSession(script: SpokenSessionScript = {}) {
  const clock = createTestClock();
  const recognizer = scriptedRecognizer(script.recognizer);
  const synthesizer = scriptedSynthesizer(script.synthesizer);
  const voiceActivity = scriptedVoiceActivity(script.activity);
  const engine = new ScriptedEngine({
    adapters: ["legal@1", "energy@3"],
    reply: () => ["Tabii,", " hemen", " bakıyorum", " efendim.", " Başka", " bir", " isteğiniz", " var", " mı?"],
    ...script.engine,
  });
  const sessions = createMemorySessionStore({ ttlS: 3600, maxMessages: 100 });
  const rows: RequestRow[] = [];
  const registry = new Registry();
  let ids = 0;
  const newId = () => `${++ids}`;
  let seconds = 0;
  const nowIso = () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++)).toISOString();
  const groundPrompt: GroundPrompt =
    script.groundPrompt ?? (async ({ systemPrompt }) => ({ systemPrompt, found: [], used: [], quotes: [] }));
  const turns = {
    router: wordRouter(),
    sectors: sectorsWith(),
    engine,
    adapters: createAdapterDirectory(engine, {}, { maxAgeMs: 0, nowMs: clock.nowMs }),
    sessions,
    groundPrompt,
    limits: { maxCharacters: 1000, maxMessages: 100 },
    newId,
    nowIso,
    nowMs: clock.nowMs,
    onRouted: () => {},
  };
  const history = { messages: 12, tokens: 0 };
  const defaults = { maxTokens: 50, sampling: {}, historyMessages: history.messages, historyTokens: history.tokens };
  const open = createVoiceSessions({
    ...turns,
    speech: { recognizer, synthesizer, voiceActivity },
    takeTurn: createTakeTurn({ ...turns, defaults }),
    keepTurn: createKeepTurn(turns),
    resolveModel: createResolveModel(turns),
    history,
    sampling: {},
    maxTokens: 50,
    requests: { record: (row) => rows.push(row) },
    metrics: registerVoiceMetrics(registry),
    turnDetection: { threshold: 0.5, prefixPaddingMs: 300, silenceMs: 500 },
    voice: "",
    speed: 1,
    maxSessionS: 3600,
    recordingFolder: "",
    waits: { readyMs: 2000, recognitionMs: 2000, synthesisMs: 2000 },
    clock,
    ...script.parts,
  });
  const logged: string[] = [];
  const log = (_facts: object, event: string) => logged.push(event);
  const caller: VoiceCaller = {
    requestId: "request-1",
    caller: { keyId: "key-1", scopes: ["voice"], sectors: null, userId: null },
    model: "auto",
    sector: null,
    opening: { pcmRate: 16_000 },
    requireKey: async () => {},
    logger: { info: log, warn: log, error: log, debug: log },
    ...script.caller,
  } as VoiceCaller;
  const events: (ServerEvent & { readonly atMs: number })[] = [];
  const closed: VoiceCloseReason[] = [];
  const session = open(caller, {
    send: (event) => events.push({ ...event, atMs: clock.nowMs() }),
    bufferedBytes: () => 0,
    close: (reason) => closed.push(reason),
  });
  await settle(5);

  const all = <T extends ServerEventType>(type: T) =>
    events.filter((event) => event.type === type) as unknown as (ServerEventOf<T> & { readonly atMs: number })[];
  const listenTo = async (samples: Float32Array): Promise<void> => {
    const frame = (recognizerSampleRate * frameMs) / 1000;
    for (let at = 0; at < samples.length; at += frame) {
      session.handleAudio(int16ToBytes(int16(samples.subarray(at, at + frame))));
      await clock.advance(frameMs);
    }
  };
  return {
    session,
    clock,
    engine,
    sessions,
    recognizer,
    synthesizer,
    voiceActivity,
    rows,
    registry,
    logged,
    events,
    closed,
    nowIso,
    all,
    last: <T extends ServerEventType>(type: T) => all(type).at(-1),
    /** What a client says, and everything that comes of it at once. */
    send: async (event: ClientEvent): Promise<void> => {
      session.handle(event, 0);
      await settle(8);
    },
    /** Somebody speaks, in real time. */
    speak: (ms: number) => listenTo(tone(ms)),
    /** Nobody speaks, in real time. */
    wait: (ms: number) => listenTo(silence(ms)),
    /** One whole utterance and the silence after it. */
    say: async (ms = 960): Promise<void> => {
      await listenTo(tone(ms));
      await listenTo(silence(608));
    },
    forgetEvents: () => {
      events.length = 0;
    },
    types: () => events.map(({ type }) => type),
  };
}

export type SpokenSession = Awaited<ReturnType<typeof openSpokenSession>>;
