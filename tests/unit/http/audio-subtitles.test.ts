import { describe, expect, it } from "vitest";
import { cuesOf, renderSrt, renderVtt } from "../../../services/http/audio-subtitles.ts";
import type { TranscriptSegment } from "../../../services/speech/index.ts";
import { recognition } from "../../support/speech.ts";

function segment(text: string, startMs: number, endMs: number, hasWords = true): TranscriptSegment {
  const words = recognition(text, endMs - startMs).words.map((word) => ({
    ...word,
    startMs: startMs + word.startMs,
    endMs: startMs + word.endMs,
  }));
  return { text, startMs, endMs, confidence: 0.9, speechProbability: 0.9, words: hasWords ? words : [] };
}

describe("subtitles", () => {
  it("show short utterances whole, as long as they are spoken", () => {
    expect(cuesOf([segment("merhaba", 500, 1200), segment("size nasıl yardımcı olabilirim", 2000, 4000)])).toEqual([
      { text: "merhaba", startMs: 500, endMs: 1200 },
      { text: "size nasıl yardımcı olabilirim", startMs: 2000, endMs: 4000 },
    ]);
  });

  it("break long utterances between words, so that each caption can be read", () => {
    const text = Array.from({ length: 60 }, (_, index) => `kelime${index}`).join(" ");
    const cues = cuesOf([segment(text, 0, 20_000)]);
    expect(cues.map((cue) => cue.text).join(" ")).toBe(text);
    for (const [at, cue] of cues.entries()) {
      expect(cue.text.length).toBeLessThanOrEqual(84);
      expect(cue.endMs - cue.startMs).toBeLessThanOrEqual(7000);
      for (const line of renderSrt([cue]).split("\n").slice(2, 4)) expect(line.length).toBeLessThanOrEqual(50);
      if (at > 0) expect(cue.startMs).toBeGreaterThanOrEqual(cues[at - 1]?.endMs ?? 0);
    }
  });

  it("go by the segments where the words' times are not known", () => {
    expect(cuesOf([segment("iyi günler", 100, 900, false)])).toMatchObject([
      { text: "iyi günler", startMs: 100, endMs: 900 },
    ]);
  });

  it("count hours, minutes and milliseconds as their formats do", () => {
    const cue = { text: "merhaba", startMs: 3_723_004, endMs: 3_725_999.6 };
    expect(renderSrt([cue])).toBe("1\n01:02:03,004 --> 01:02:06,000\nmerhaba\n\n");
    expect(renderVtt([cue])).toBe("WEBVTT\n\n01:02:03.004 --> 01:02:06.000\nmerhaba\n\n");
    expect(renderVtt([])).toBe("WEBVTT\n\n");
  });

  it("let no text pass for markup", () => {
    expect(renderVtt([{ text: "a < b & c --> d", startMs: 0, endMs: 1 }])).toContain("a &lt; b &amp; c --&gt; d");
  });
});
