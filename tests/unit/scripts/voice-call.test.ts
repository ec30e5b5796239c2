import { describe, expect, it } from "vitest";
import { createLoudspeaker } from "../../../scripts/voice/loudspeaker.ts";
import type { Caller, Moment } from "../../../scripts/voice/realtime-caller.ts";
import { trimmed } from "../../../scripts/voice/speech.ts";
import { drawTimeline } from "../../../scripts/voice/timeline.ts";

/** A sample a millisecond. */
const rate = 1000;
const tone = (ms: number, value = 5): Int16Array => new Int16Array(ms).fill(value);

describe("the loudspeaker of a caller", () => {
  it("plays what comes one after the other, and at once where it was silent", () => {
    const loudspeaker = createLoudspeaker(rate);
    loudspeaker.play("a", tone(100), 1000);
    loudspeaker.play("a", tone(100), 1010);
    expect(loudspeaker.busyUntilMs).toBe(1200);
    loudspeaker.play("b", tone(50), 1500);
    expect(loudspeaker.busyUntilMs).toBe(1550);
  });

  it("tells of everything that was cut how much of it was heard, and nothing of what was over", () => {
    const loudspeaker = createLoudspeaker(rate);
    loudspeaker.play("over", tone(100), 0);
    loudspeaker.play("cut", tone(100), 100);
    loudspeaker.play("cut", tone(100), 100);
    loudspeaker.play("unheard", tone(100), 100);
    expect(loudspeaker.flush(250)).toEqual([
      { item: "cut", heardMs: 150 },
      { item: "unheard", heardMs: 0 },
    ]);
    expect(loudspeaker.busyUntilMs).toBe(250);
  });

  it("records what was heard at its place, and not what was cut", () => {
    const loudspeaker = createLoudspeaker(rate);
    loudspeaker.play("a", tone(100, 7), 20);
    loudspeaker.flush(50);
    loudspeaker.play("b", tone(10, 9), 80);
    const heard = loudspeaker.recording(0, 100);
    const expected = new Int16Array(100);
    expected.fill(7, 20, 50);
    expected.fill(9, 80, 90);
    expect(heard).toEqual(expected);
  });
});

it("a recording begins and ends with its first and last audible sample", () => {
  expect(trimmed(Int16Array.of(0, -3, 199, -300, 0, 250, 10, 0))).toEqual(Int16Array.of(-300, 0, 250));
  expect(trimmed(new Int16Array(10))).toHaveLength(0);
});

it("draws a call: what was said, taken for, answered and cut, with its texts as text", () => {
  const loudspeaker = createLoudspeaker(24_000);
  const events = [
    [100, { type: "input_audio_buffer.speech_started", item_id: "item_1" }],
    [900, { type: "input_audio_buffer.speech_stopped", item_id: "item_1" }],
    [910, { type: "conversation.item.input_audio_transcription.completed", item_id: "item_1", transcript: "a < b" }],
    [920, { type: "response.created" }],
    [930, { type: "x.sector", sector: "legal" }],
    [1500, { type: "response.done", response: { status: "cancelled" } }],
  ] as const;
  const moments = events.map(([atMs, event]) => ({ atMs, event }) as unknown as Moment);
  const said = [{ startMs: 100, endMs: 600, samples: new Int16Array(12_000).fill(9000) }];
  const picture = drawTimeline({ moments, said, loudspeaker } as unknown as Caller, 0, 2000, "Kira");
  expect(picture).toMatch(/^<svg [^>]+aria-label="Kira"/);
  expect(picture).toContain("a &lt; b");
  expect(picture).toContain("legal, kesildi");
  expect(picture).not.toContain("NaN");
});
