import { describe, expect, it } from "vitest";
import type { ClientEvent, TurnDetection } from "../../../../services/voice/events/index.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

/** Something that a client or a caller may do; ids that exist, and some that do not. */
function anything(house: SpokenSession, random: () => number): () => Promise<void> {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const id = pick([...house.all("conversation.item.added").map(({ item }) => item.id), "nobody"]);
  const detections: readonly (Partial<TurnDetection> | null)[] = [
    null,
    { type: "server_vad", interrupt_response: random() < 0.5, create_response: random() < 0.8 },
    { type: "semantic_vad", eagerness: "high" },
  ];
  const events: readonly ClientEvent[] = [
    { type: "input_audio_buffer.commit" },
    { type: "input_audio_buffer.clear" },
    { type: "input_audio_buffer.append", audio: new Uint8Array(3) },
    { type: "response.create" },
    { type: "response.create", response: { conversation: "none", output_modalities: ["text"] } },
    { type: "response.cancel" },
    { type: "output_audio_buffer.clear" },
    { type: "conversation.item.retrieve", item_id: id },
    { type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: Math.floor(random() * 3000) },
    { type: "conversation.item.delete", item_id: id },
    {
      type: "conversation.item.create",
      previous_item_id: id,
      item: { type: "message", role: "user", content: [{ type: "input_text", text: "legal soru" }] },
    },
    {
      type: "session.update",
      session: {
        type: "realtime",
        output_modalities: [random() < 0.7 ? "audio" : "text"],
        audio: { input: { turn_detection: pick(detections) as TurnDetection | null } },
      },
    },
  ];
  return pick<() => Promise<void>>([
    () => house.speak(320 + 32 * Math.floor(random() * 20)),
    () => house.speak(64),
    () => house.wait(32 * Math.floor(random() * 40)),
    () => house.send(pick(events)),
    () => house.send(pick(events)),
    () => house.send(pick(events)),
  ]);
}

describe("a session in which anything happens in any order", () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed + 1))("keeps its promises (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const house = await openSpokenSession({
      recognizer: {
        hear: () => {
          if (random() < 0.1) throw new Error("crash");
          return random() < 0.3 ? "" : "legal soru";
        },
      },
    });
    for (let at = 0; at < 60; at++) await anything(house, random)();
    await house.send({ type: "response.cancel" });
    await house.wait(4000);
    await house.send({ type: "response.cancel" });

    const created = house.all("response.created").map(({ response }) => response.id);
    const done = house.all("response.done").map(({ response }) => response.id);
    // One response at a time, each with one end.
    expect(created.length).toBeGreaterThan(2);
    expect(done).toEqual(created);
    const order = house.types().filter((type) => type === "response.created" || type === "response.done");
    expect(order.every((type, at) => type === (at % 2 === 0 ? "response.created" : "response.done"))).toBe(true);
    // Every item was announced once and no audio outlived its response.
    const added = house.all("conversation.item.added").map(({ item }) => item.id);
    expect(new Set(added).size).toBe(added.length);
    const endedAt = new Map(
      house.events.flatMap((event, at) => (event.type === "response.done" ? [[event.response.id, at]] : [])),
    );
    for (const [at, event] of house.events.entries())
      if (event.type === "response.output_audio.delta") expect(at).toBeLessThan(endedAt.get(event.response_id) ?? 0);
    // Nobody was told of a fault of ours, and nothing stays behind.
    expect(house.all("error").map(({ error }) => error.code)).not.toContain("internal");
    expect(house.closed).toEqual([]);
    expect(house.logged).not.toContain("voice-session-failed");
    await house.session.close();
    expect(house.clock.pending).toBe(0);
    expect(house.engine.active).toBe(0);
    expect(house.voiceActivity.openStreams()).toBe(0);
  });
});
