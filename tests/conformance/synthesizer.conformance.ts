import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Synthesizer, type Utterance, VoiceUnknownError } from "../../services/speech/index.ts";

export interface SynthesizerUnderTest {
  /** The same one every time; whoever opens it ends it. */
  readonly open: () => Promise<Synthesizer>;
  /** How unequal two readings of the same text may be: 0 where they are the same to the sample. */
  readonly tolerance: number;
}

/** Of the event loop: far less than a piece of speech takes, and no clock that a busy machine could belie. */
const fewTurns = 50;
const never = new AbortController().signal;
const greeting = "Merhaba, size nasıl yardımcı olabilirim?";
const story =
  "Siparişiniz bu sabah yola çıktı. Kargo şubesine öğleden sonra ulaşacak, oradan da adresinize getirilecek. " +
  "Teslimat sırasında evde yoksanız size kısa bir mesaj gönderilecek ve paket iki gün boyunca şubede bekletilecek.";

/** Everything it says, in one piece. */
export async function spoken(
  synthesizer: Synthesizer,
  utterance: Utterance,
  signal: AbortSignal = new AbortController().signal,
): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for await (const piece of synthesizer.synthesize(utterance, signal)) pieces.push(piece);
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

export function loudnessOf(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}

/** What every synthesiser keeps. */
export function describeSynthesizer(name: string, { open, tolerance }: SynthesizerUnderTest): void {
  describe(name, () => {
    it("speaks: sound, longer for a longer text, in several pieces where there is much to say", async () => {
      const synthesizer = await open();
      await synthesizer.ready();
      expect(synthesizer.sampleRate).toBeGreaterThanOrEqual(8000);
      const [short, long] = [await spoken(synthesizer, { text: greeting }), await spoken(synthesizer, { text: story })];
      expect(loudnessOf(short)).toBeGreaterThan(300);
      expect(long.length).toBeGreaterThan(2 * short.length);
      let pieces = 0;
      for await (const piece of synthesizer.synthesize({ text: story }, never)) {
        expect(piece).toBeInstanceOf(Int16Array);
        expect(piece.length).toBeGreaterThan(0);
        pieces++;
      }
      expect(pieces).toBeGreaterThan(1);
    });

    it("says nothing where there is nothing to say", async () => {
      const synthesizer = await open();
      for (const text of ["", " ", "\n\t "]) expect(await spoken(synthesizer, { text })).toHaveLength(0);
    });

    it("knows its own voices and the names stock clients use, and says which there are when asked for another", async () => {
      const synthesizer = await open();
      expect(synthesizer.voices.length).toBeGreaterThan(0);
      for (const voice of [...synthesizer.voices.slice(0, 3), "alloy", "marin"]) {
        expect((await spoken(synthesizer, { text: "Evet.", voice })).length, voice).toBeGreaterThan(0);
      }
      const failure = await spoken(synthesizer, { text: "Evet.", voice: "yok böyle" }).catch((caught) => caught);
      expect(failure).toBeInstanceOf(VoiceUnknownError);
      expect(failure.message).toContain(synthesizer.voices[0]);
    });

    it("speaks faster when asked to, and louder or not at all", async () => {
      const synthesizer = await open();
      const [own, fast, silent] = [
        await spoken(synthesizer, { text: greeting }),
        await spoken(synthesizer, { text: greeting, speed: 2 }),
        await spoken(synthesizer, { text: greeting, volume: 0 }),
      ];
      expect(fast.length).toBeLessThan(0.7 * own.length);
      expect(loudnessOf(silent)).toBe(0);
      expect(loudnessOf(await spoken(synthesizer, { text: greeting, volume: 0.5 }))).toBeLessThan(
        0.7 * loudnessOf(own),
      );
    });

    it("ends with the signal's reason: before it begins, and between two pieces", async () => {
      const synthesizer = await open();
      const reason = new Error("the caller speaks");
      await expect(spoken(synthesizer, { text: greeting }, AbortSignal.abort(reason))).rejects.toBe(reason);
      const giving = new AbortController();
      let pieces = 0;
      const reading = (async () => {
        for await (const _ of synthesizer.synthesize({ text: story }, giving.signal)) {
          pieces++;
          giving.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(pieces).toBe(1);
    });

    it("lets go of a caller who waits within a few turns of the event loop, whatever the engine is doing", async () => {
      const synthesizer = await open();
      const reason = new Error("the caller speaks");
      const giving = new AbortController();
      let left: unknown;
      const reading = (async () => {
        for await (const _ of synthesizer.synthesize({ text: story }, giving.signal));
      })();
      reading.catch((failure: unknown) => {
        left = failure;
      });
      await turn();
      giving.abort(reason);
      for (let turns = 0; left === undefined && turns < fewTurns; turns++) await turn();
      expect(left).toBe(reason);
    });

    it("gives each of many callers its own speech, whole", async () => {
      const synthesizer = await open();
      const texts = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? greeting : story));
      const alone = new Map<string, number>();
      for (const text of [greeting, story]) alone.set(text, (await spoken(synthesizer, { text })).length);
      const together = await Promise.all(texts.map((text) => spoken(synthesizer, { text })));
      for (const [index, samples] of together.entries()) {
        const expected = alone.get(texts[index] as string) as number;
        expect(Math.abs(samples.length - expected)).toBeLessThanOrEqual(tolerance * expected);
      }
    });

    it("speaks on for others when a listener leaves in the middle", async () => {
      const synthesizer = await open();
      for (let i = 0; i < 3; i++) {
        for await (const piece of synthesizer.synthesize({ text: story }, never)) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
      }
      expect((await spoken(synthesizer, { text: greeting })).length).toBeGreaterThan(0);
    });
  });
}
