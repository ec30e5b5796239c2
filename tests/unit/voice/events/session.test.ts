import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  newSession,
  parseClientEvent,
  requireWholeSamples,
  type ServerEvent,
  type SessionFacts,
  updateSession,
} from "../../../../services/voice/events/index.ts";

const facts: SessionFacts = {
  turnDetection: { threshold: 0.5, prefixPaddingMs: 300, silenceMs: 500 },
  recognizer: "embedded",
  syntheticOnly: true,
  voices: ["tr", "tr+f2"],
  voice: "",
  speed: 1,
};
const fresh = newSession({ id: "sess_1", model: "auto", sector: null, expiresAtS: 1_800_000_000 }, facts);
/** A session after updates as clients send them. */
function updated(...patches: readonly object[]) {
  return patches.reduce<typeof fresh>((session, patch) => {
    const parsed = parseClientEvent(
      JSON.stringify({ type: "session.update", session: { type: "realtime", ...patch } }),
    );
    if ("refusal" in parsed) throw parsed.refusal;
    if (parsed.event.type !== "session.update") throw new Error(parsed.event.type);
    return updateSession(session, parsed.event.session, facts);
  }, fresh);
}

describe("a session", () => {
  it("begins with all that the protocol's has", () => {
    expect(fresh).toEqual({
      type: "realtime",
      object: "realtime.session",
      id: "sess_1",
      model: "auto",
      expires_at: 1_800_000_000,
      output_modalities: ["audio"],
      instructions: "",
      tools: [],
      tool_choice: "auto",
      max_output_tokens: "inf",
      tracing: null,
      truncation: "auto",
      prompt: null,
      include: null,
      audio: {
        input: {
          format: { type: "audio/pcm", rate: 24_000 },
          transcription: { model: "embedded", language: "tr" },
          noise_reduction: null,
          turn_detection: {
            type: "server_vad",
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 500,
            idle_timeout_ms: null,
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { format: { type: "audio/pcm", rate: 24_000 }, voice: "tr", speed: 1 },
      },
      x_sector: null,
      x_session_id: null,
      x_record: false,
      x_user_id: null,
      x_synthetic_only: true,
    });
  });

  it("begins as its address asks", () => {
    const asked = {
      id: "s",
      model: "legal",
      sector: "legal",
      expiresAtS: 0,
      pcmRate: 16_000,
      transcriptionOnly: true,
    } as const;
    const { type, x_sector, audio } = newSession(asked, { ...facts, voice: "tr+f2" });
    expect([type, x_sector, audio.input.format, audio.output]).toEqual([
      "transcription",
      "legal",
      { type: "audio/pcm", rate: 16_000 },
      { format: { type: "audio/pcm", rate: 16_000 }, voice: "tr+f2", speed: 1 },
    ]);
  });

  it("changes where an update says so, and nowhere else", () => {
    expect(updated({})).toEqual(fresh);
    const { instructions, audio, ...others } = updated(
      { instructions: "Kısa." },
      { audio: { output: { speed: 1.5 } } },
    );
    expect(instructions).toBe("Kısa.");
    expect(audio).toEqual({ ...fresh.audio, output: { ...fresh.audio.output, speed: 1.5 } });
    expect({ ...others, instructions: "", audio: fresh.audio }).toEqual(fresh);
  });

  it("keeps what was said of the same kind of turn detection, and forgets it with another kind", () => {
    const turns = (...patches: object[]) =>
      updated(...patches.map((turn_detection) => ({ turn_detection }))).audio.input.turn_detection;
    expect(
      turns({ type: "server_vad", silence_duration_ms: 800 }, { type: "server_vad", threshold: 0.7 }),
    ).toMatchObject({
      silence_duration_ms: 800,
      threshold: 0.7,
      prefix_padding_ms: 300,
    });
    expect(turns({ type: "server_vad", create_response: false }, { type: "semantic_vad" })).toEqual({
      type: "semantic_vad",
      eagerness: "auto",
      create_response: false,
      interrupt_response: true,
    });
    expect(turns({ type: "semantic_vad" }, { type: "server_vad" })).toMatchObject({ silence_duration_ms: 500 });
    const idle = { type: "server_vad", idle_timeout_ms: 5000 };
    expect(turns(idle, { type: "server_vad" })).toMatchObject({ idle_timeout_ms: 5000 });
    expect(turns(idle, { type: "server_vad", idle_timeout_ms: null })).toMatchObject({ idle_timeout_ms: null });
    expect(updated({ turn_detection: null }).audio.input.turn_detection).toBeNull();
  });

  it("says which recogniser listens, whatever model was asked for, and hides transcripts on request", () => {
    const patch = { audio: { input: { transcription: { model: "whisper-1", prompt: "fatura" } } } };
    expect(updated(patch).audio.input.transcription).toEqual({ model: "embedded", language: "tr", prompt: "fatura" });
    expect(updated({ audio: { input: { transcription: null } } }).audio.input.transcription).toBeNull();
  });

  it("speaks with its default voice where a stock client names one of its own, and refuses others", () => {
    const voice = (name: unknown) => updated({ audio: { output: { voice: name } } }).audio.output.voice;
    expect([voice("marin"), voice("tr+f2"), voice({ id: "tr+f2" })]).toEqual(["tr", "tr+f2", "tr+f2"]);
    expect(() => voice("fahrettin")).toThrow(expect.objectContaining({ code: "voice_unknown" }));
  });

  it("refuses a tool choice that names no tool", () => {
    const choice = { tool_choice: { type: "function", name: "fatura_getir" } };
    expect(() => updated(choice)).toThrow(expect.objectContaining({ param: "session.tool_choice" }));
    const tools = [{ type: "function", name: "fatura_getir" }];
    expect(updated({ tools, ...choice })).toMatchObject(choice);
    expect(() => updated({ tools, ...choice }, { tools: [] })).toThrow();
  });

  it("takes samples whole, in each format", () => {
    const odd = new Uint8Array(3);
    expect(() => requireWholeSamples({ type: "audio/pcm", rate: 24_000 }, odd)).toThrow(
      expect.objectContaining({ code: "invalid_audio" }),
    );
    requireWholeSamples({ type: "audio/pcmu" }, odd);
    requireWholeSamples({ type: "audio/pcm", rate: 8000 }, new Uint8Array(4));
  });
});

/** Without `readonly`, and without the nulls, the other rates of PCM and Opus, all of which OpenAI's types leave out. */
type Written<T> = T extends null | 8000 | 16_000 | "audio/opus"
  ? never
  : T extends readonly (infer One)[]
    ? Written<One>[]
    : T extends object
      ? { -readonly [K in keyof T]: Written<T[K]> }
      : T;
type Sent = Written<OfProtocol> & { event_id: string };
type OfProtocol = Exclude<ServerEvent, { type: `x.${string}` | `session.${string}` }>;

describe("what we send", () => {
  it("has the types of OpenAI's client", () => {
    // The compiler's word. Sessions and own events are apart: the client has no types for what a server adds.
    expectTypeOf<Sent>().toExtend<RealtimeServerEvent>();
  });
});
