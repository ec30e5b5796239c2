import { describe, expect, it } from "vitest";
import {
  createHearAgain,
  type HeardShares,
  heardShares,
  type MadeSpeech,
  measuredSynthesizer,
  type Synthesizer,
} from "../../../../services/speech/index.ts";
import { deferred } from "../../../support/deferred.ts";
import { scriptedRecognizer, scriptedSynthesizer } from "../../../support/speech.ts";

describe("what is heard of a spoken text", () => {
  it("is all of it where only case and punctuation differ, as Turkish writes them", () => {
    expect(heardShares("Isparta’ya İki Bilet!", "ıspartaya iki bilet")).toEqual({ letters: 1, words: 1 });
  });

  it("is less by every letter and every word that came back otherwise", () => {
    // Of nine letters one is another, of two words one.
    expect(heardShares("yeni fatura", "yeni fatuya")).toEqual({ letters: 0.9, words: 0.5 });
  });

  it("is nothing at worst, and not known where there was nothing to hear", () => {
    expect(heardShares("bir", "")).toEqual({ letters: 0, words: 0 });
    expect(heardShares("ev", "bambaşka uzun bir cümle")).toEqual({ letters: 0, words: 0 });
    expect(heardShares("…", "bir")).toBeUndefined();
  });
});

const second = (text: string, seconds = 1): MadeSpeech => ({
  text,
  pieces: [new Int16Array(11_025 * seconds), new Int16Array(11_025 * seconds)],
  sampleRate: 22_050,
});

describe("hearing speech again", () => {
  it("gives the recogniser the whole of it at its own rate, behind everybody who speaks", async () => {
    const recognizer = scriptedRecognizer({ hear: () => "merhaba" });
    const heard: HeardShares[] = [];
    await createHearAgain(recognizer, (shares) => heard.push(shares))(second("Merhaba."));
    expect(heard).toEqual([{ letters: 1, words: 1 }]);
    expect(recognizer.calls[0]?.options).toMatchObject({ partial: true });
    expect(recognizer.calls[0]?.samples.length).toBeCloseTo(16_000, -2);
  });

  it("takes one at a time, and neither scraps nor speeches", async () => {
    const gate = deferred<string>();
    const recognizer = scriptedRecognizer({ hear: () => gate.promise });
    const hearAgain = createHearAgain(recognizer, () => {});
    const first = hearAgain(second("bir"));
    await hearAgain(second("iki"));
    gate.resolve("bir");
    await first;
    await hearAgain(second("kısa", 0.1));
    await hearAgain(second("uzun", 30));
    expect(recognizer.calls).toHaveLength(1);
  });

  it("says nothing, and goes on with the next, where the recogniser is broken", async () => {
    const heard: HeardShares[] = [];
    const recognizer = scriptedRecognizer({
      hear: ({ call }) => {
        if (call === 0) throw new Error("broken");
        return "iki";
      },
    });
    const hearAgain = createHearAgain(recognizer, (shares) => heard.push(shares));
    await hearAgain(second("bir"));
    await hearAgain(second("iki"));
    expect(heard).toHaveLength(1);
  });
});

describe("a watched synthesiser", () => {
  const opened = (synthesizer: Synthesizer, chance: number) => {
    const time = { ms: 0 };
    const spoken: number[] = [];
    const samples: MadeSpeech[] = [];
    const watched = measuredSynthesizer(synthesizer, {
      nowMs: () => time.ms,
      onSpoken: (seconds) => spoken.push(seconds),
      sampleShare: 0.5,
      chance: () => chance,
      onSample: (speech) => samples.push(speech),
    });
    return { watched, time, spoken, samples };
  };
  const { signal } = new AbortController();

  it("gives what it is given, and counts the time it took to make, not the time its listener took", async () => {
    const inner = scriptedSynthesizer();
    const { watched, time, spoken, samples } = opened(inner, 0.9);
    const pieces: Int16Array[] = [];
    for await (const piece of watched.synthesize({ text: "Merhaba dünya" }, signal)) {
      pieces.push(piece);
      time.ms += 1_000;
    }
    expect(pieces.length).toBeGreaterThan(0);
    expect(spoken).toEqual([0]);
    expect(samples).toEqual([]);
  });

  it("keeps the samples of as many as it is told, and of none that was broken off", async () => {
    const { watched, samples, spoken } = opened(scriptedSynthesizer(), 0.4);
    let length = 0;
    for await (const piece of watched.synthesize({ text: "Merhaba dünya" }, signal)) length += piece.length;
    expect(samples.map(({ text, pieces }) => [text, pieces.reduce((sum, piece) => sum + piece.length, 0)])).toEqual([
      ["Merhaba dünya", length],
    ]);
    for await (const _ of watched.synthesize({ text: "Merhaba dünya" }, signal)) break;
    expect([samples.length, spoken.length]).toEqual([1, 1]);
  });
});
