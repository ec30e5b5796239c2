import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Recognizer, RecognizerUnavailableError, recognizerSampleRate } from "../../services/speech/index.ts";

export interface RecognizerUnderTest extends AsyncDisposable {
  readonly recognizer: Recognizer;
  /** Something with words in it, mono, 16 kHz. */
  readonly speech: Float32Array;
  /** What a good ear hears in it. */
  readonly said: RegExp;
}

/** What every keeper of the `Recognizer` promise keeps. */
export function describeRecognizer(name: string, open: () => Promise<RecognizerUnderTest>): void {
  describe(`${name} keeps the promise of a recogniser`, () => {
    let opened: RecognizerUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    const never = new AbortController().signal;

    it("is ready for everybody who asks at once", async () => {
      await Promise.all(Array.from({ length: 5 }, () => opened.recognizer.ready()));
    });

    it("hears the words, in their order, within the recording, and as sure as it says", async () => {
      const { recognizer, speech, said } = opened;
      const { text, confidence, words } = await recognizer.recognize(speech, {}, never);
      expect(text).toMatch(said);
      expect(text).toBe(text.trim());
      // Who rates nothing says so.
      if (confidence !== null) {
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }
      if (words.length > 0) expect(words.map((word) => word.text).join(" ")).toBe(text);
      let before = 0;
      for (const word of words) {
        expect(word.startMs).toBeGreaterThanOrEqual(before);
        expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
        expect(word.confidence ?? 0).toBeGreaterThanOrEqual(0);
        expect(word.confidence ?? 0).toBeLessThanOrEqual(1);
        before = word.startMs;
      }
      expect(words.at(-1)?.endMs ?? 0).toBeLessThanOrEqual((speech.length / recognizerSampleRate) * 1000 + 1);
    });

    it("hears nothing where there is less than a tenth of a second", async () => {
      const heard = await opened.recognizer.recognize(new Float32Array(1000).fill(0.1), {}, never);
      expect(heard).toEqual({ text: "", confidence: 0, words: [] });
    });

    it("leaves the caller's samples as they were", async () => {
      const { recognizer, speech } = opened;
      const recording = speech.slice();
      await recognizer.recognize(recording.subarray(0, recording.length), {}, never);
      expect(recording).toEqual(speech);
    });

    it("gives the same transcript to many at once", async () => {
      const { recognizer, speech } = opened;
      const alone = await recognizer.recognize(speech, {}, never);
      const heard = await Promise.all(Array.from({ length: 6 }, () => recognizer.recognize(speech, {}, never)));
      expect(new Set(heard.map(({ text }) => text))).toEqual(new Set([alone.text]));
    });

    it("does not begin for a caller who has gone already", async () => {
      const gone = AbortSignal.abort(new Error("gone"));
      await expect(opened.recognizer.recognize(opened.speech, {}, gone)).rejects.toThrow("gone");
    });

    it("lets a caller go at once, with the caller's own reason, and goes on for others", async () => {
      const { recognizer, speech, said } = opened;
      const leaving = new AbortController();
      const left = recognizer.recognize(speech, {}, leaving.signal);
      const stayed = recognizer.recognize(speech, {}, never);
      leaving.abort(new Error("hung up"));
      await expect(left).rejects.toThrow("hung up");
      expect((await stayed).text).toMatch(said);
    });

    it("survives samples that are no numbers", async () => {
      const broken = opened.speech.slice().fill(Number.NaN, 0, 4000);
      await opened.recognizer.recognize(broken, {}, never);
      expect((await opened.recognizer.recognize(opened.speech, {}, never)).text).toMatch(opened.said);
    });

    it("refuses everybody once it is closed", async () => {
      await using closed = await open();
      await closed.recognizer[Symbol.asyncDispose]();
      await expect(closed.recognizer.recognize(closed.speech, {}, never)).rejects.toThrow(RecognizerUnavailableError);
      await expect(closed.recognizer.ready()).rejects.toThrow(RecognizerUnavailableError);
    });
  });
}
