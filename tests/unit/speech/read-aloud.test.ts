import { describe, expect, it } from "vitest";
import { readAloud } from "../../../services/speech/read-aloud.ts";
import { scriptedSynthesizer } from "../../support/speech.ts";

async function said(text: string, synthesizer = scriptedSynthesizer(), options: Parameters<typeof readAloud>[2] = {}) {
  let samples = 0;
  const silences: boolean[] = [];
  for await (const piece of readAloud(text, synthesizer, options, new AbortController().signal)) {
    samples += piece.length;
    silences.push(piece.every((sample) => sample === 0));
  }
  return { samples, silences, utterances: synthesizer.utterances };
}

describe("reading aloud", () => {
  it("says sentence after sentence, numbers in words", async () => {
    const { utterances } = await said("Faturanız 125 TL tutuyor. Son ödeme günü 3 Mayıs.");
    expect(utterances.map(({ text }) => text).join(" ")).toContain("yüz yirmi beş");
    expect(utterances.length).toBeGreaterThan(1);
  });

  it("keeps the pauses SSML asks for, exactly as long", async () => {
    const { samples, silences } = await said('<speak>evet<break time="250ms"/>hayır</speak>');
    const words = ("evet".length + "hayır".length) * 60;
    expect(samples / 22.05).toBeCloseTo(words + 250, -1);
    expect(silences.filter((silent) => silent)).toHaveLength(3);
  });

  it("hands voice and speed on", async () => {
    const { utterances } = await said("Merhaba", undefined, { voice: "tr+f2", speed: 1.5 });
    expect(utterances[0]).toMatchObject({ voice: "tr+f2", speed: 1.5 });
  });

  it("says nothing where there is nothing to say", async () => {
    expect(await said("🙂")).toMatchObject({ samples: 0, utterances: [] });
  });

  it("falls silent when asked to, in the middle of a sentence", async () => {
    const asked = new AbortController();
    const synthesizer = scriptedSynthesizer({
      beforePiece: ({ index }) => (index === 2 ? asked.abort(new Error("sus")) : undefined),
    });
    const reading = (async () => {
      for await (const _ of readAloud("Bu oldukça uzun bir cümledir", synthesizer, {}, asked.signal));
    })();
    await expect(reading).rejects.toThrow("sus");
    expect(synthesizer.aborted).toHaveLength(1);
  });
});
