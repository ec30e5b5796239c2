import { describe, expect, it } from "vitest";
import { RecognizerUnavailableError } from "../../../../services/speech/index.ts";
import {
  type Listeners,
  type TranscriptSegment,
  transcribe,
} from "../../../../services/speech/transcription/transcribe.ts";
import {
  int16,
  joined,
  recognition,
  scriptedRecognizer,
  scriptedVoiceActivity,
  silence,
  tone,
} from "../../../support/speech.ts";

const twoUtterances = int16(joined(silence(1000), tone(1000), silence(2000), tone(500)));

async function transcribed(
  listeners: Listeners,
  options: Parameters<typeof transcribe>[2] = {},
): Promise<TranscriptSegment[]> {
  const segments: TranscriptSegment[] = [];
  for await (const segment of transcribe(twoUtterances, listeners, options, new AbortController().signal))
    segments.push(segment);
  return segments;
}

describe("transcribing a recording", () => {
  it("hears utterance after utterance, and says when in the recording each word was said", async () => {
    const recognizer = scriptedRecognizer({
      hear: ({ call }) => recognition(["faturam kaç lira", "teşekkürler"][call] ?? "", 900, 0.8 + call / 10),
    });
    const segments = await transcribed({ recognizer, voiceActivity: scriptedVoiceActivity() });
    expect(segments.map(({ text, confidence }) => [text, confidence])).toEqual([
      ["faturam kaç lira", 0.8],
      ["teşekkürler", 0.9],
    ]);
    const [first, next] = segments as [TranscriptSegment, TranscriptSegment];
    expect(first.words.map(({ startMs }) => startMs)).toEqual([0, 300, 600].map((ms) => first.startMs + ms));
    expect(first.startMs).toBeGreaterThan(700);
    expect(next.words[0]?.startMs).toBe(next.startMs);
    expect(next.startMs).toBeGreaterThan(3700);
    expect(next.endMs).toBe(4500);
  });

  it("hands the recogniser the speech alone, with the language and the hints it was given", async () => {
    const recognizer = scriptedRecognizer();
    await transcribed({ recognizer, voiceActivity: scriptedVoiceActivity() }, { language: "tr", prompt: "fatura" });
    expect(recognizer.calls).toHaveLength(2);
    expect(recognizer.calls[0]?.options).toEqual({ language: "tr", prompt: "fatura" });
    expect(recognizer.calls[0]?.samples.length).toBeLessThan(1.5 * 16_000);
    expect(Math.max(...(recognizer.calls[0]?.samples ?? []))).toBeCloseTo(0.3, 1);
  });

  it("leaves out what turned out to be no words", async () => {
    const recognizer = scriptedRecognizer({ hear: ({ call }) => (call === 0 ? "" : "evet") });
    const segments = await transcribed({ recognizer, voiceActivity: scriptedVoiceActivity() });
    expect(segments.map(({ text }) => text)).toEqual(["evet"]);
  });

  it("fails by name where the recogniser cannot be had, before anything is cut", async () => {
    const recognizer = scriptedRecognizer({ ready: () => Promise.reject(new RecognizerUnavailableError()) });
    await expect(transcribed({ recognizer, voiceActivity: scriptedVoiceActivity() })).rejects.toThrow(
      RecognizerUnavailableError,
    );
    expect(recognizer.calls).toHaveLength(0);
  });
});
