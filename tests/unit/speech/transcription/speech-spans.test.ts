import { describe, expect, it } from "vitest";
import { type SpeechSpan, speechSpans } from "../../../../services/speech/transcription/speech-spans.ts";
import { int16, joined, scriptedVoiceActivity, silence, tone } from "../../../support/speech.ts";

async function spansOf(
  samples: Float32Array,
  voiceActivity = scriptedVoiceActivity(),
  signal = new AbortController().signal,
): Promise<readonly SpeechSpan[]> {
  const spans: SpeechSpan[] = [];
  for await (const span of speechSpans(int16(samples), voiceActivity, signal)) spans.push(span);
  return spans;
}

const second = 16_000;

describe("the spans of speech in a recording", () => {
  it("hold each utterance with a margin on both sides, and leave the silence between them out", async () => {
    const spans = await spansOf(joined(silence(2000), tone(1000), silence(2000), tone(3000), silence(1000)));
    expect(spans).toHaveLength(2);
    const [first, next] = spans as [SpeechSpan, SpeechSpan];
    for (const [span, from, to] of [
      [first, 2, 3],
      [next, 5, 8],
    ] as const) {
      expect(span.from).toBeGreaterThan((from - 0.3) * second);
      expect(span.from).toBeLessThan((from - 0.1) * second);
      expect(span.to).toBeGreaterThan((to + 0.1) * second);
      expect(span.to).toBeLessThan((to + 0.3) * second);
    }
  });

  it("go on over a pause for breath", async () => {
    expect(await spansOf(joined(tone(1000), silence(300), tone(1000)))).toHaveLength(1);
  });

  it("may begin with the recording and end with it", async () => {
    const spans = await spansOf(tone(1010));
    expect(spans).toEqual([{ from: 0, to: 16_160, speechProbability: expect.closeTo(0.95, 2) }]);
  });

  it("are none where nobody speaks", async () => {
    expect(await spansOf(silence(10_000))).toEqual([]);
    expect(await spansOf(new Float32Array(0))).toEqual([]);
  });

  it("of somebody who never pauses are cut where it is quietest, at 20 s at the latest, and nothing is lost or heard twice", async () => {
    // In the 400th frame, 12.8 s, somebody almost stops.
    const probability = (_: Float32Array, index: number) => (index === 400 ? 0.4 : 0.9);
    const spans = await spansOf(tone(50_000), scriptedVoiceActivity({ probability }));
    expect(spans[0]?.from).toBe(0);
    expect(spans[0]?.to).toBe(401 * 512);
    expect(spans.at(-1)?.to).toBe(50 * second);
    for (const [at, span] of spans.entries()) {
      expect(span.to - span.from).toBeLessThanOrEqual(20 * second);
      if (at > 0) expect(span.from).toBe(spans[at - 1]?.to);
    }
  });

  it("let the voice activity's stream go, also where nobody waits for the end", async () => {
    const voiceActivity = scriptedVoiceActivity();
    for await (const _ of speechSpans(
      int16(joined(tone(500), silence(5000), tone(500))),
      voiceActivity,
      new AbortController().signal,
    ))
      break;
    expect(voiceActivity.openStreams()).toBe(0);
    await expect(spansOf(tone(500), voiceActivity, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(voiceActivity.openStreams()).toBe(0);
  });
});
