import { describe, expect, it } from "vitest";
import { createSpeechTrack } from "../../../../services/voice/session/speech-track.ts";
import { type SynthesizerScript, scriptedSynthesizer } from "../../../support/speech.ts";
import { createTestClock } from "../../../support/test-clock.ts";

/** Speech at 16 kHz, 10 ms a character, so that lengths can be read off the text. */
function openTrack(script: SynthesizerScript = {}) {
  const clock = createTestClock();
  const synthesizer = scriptedSynthesizer({ sampleRate: 16_000, msPerCharacter: 10, ...script });
  const sent: { readonly at: number; readonly ms: number }[] = [];
  const texts: string[] = [];
  let isSpoken = false;
  const track = createSpeechTrack({
    synthesizer,
    utterance: (text) => ({ text: text.replaceAll(/\[\d\]/g, "").trim() }),
    format: { encoding: "pcm16", sampleRate: 16_000 },
    clock,
    limitMs: 1000,
    onText: (text) => texts.push(text),
    onAudio: (_bytes, ms) => sent.push({ at: clock.nowMs(), ms }),
  });
  track.spoken.then(
    () => {
      isSpoken = true;
    },
    () => {},
  );
  return {
    clock,
    synthesizer,
    track,
    sent,
    texts,
    isSpoken: () => isSpoken,
    sentMs: () => sent.reduce((sum, { ms }) => sum + ms, 0),
  };
}

const long = `${"a".repeat(99)}. `;

describe("a reply that is spoken", () => {
  it("begins with a short piece and goes on in longer ones", async () => {
    const { track, sent, clock } = openTrack();
    track.say(long);
    track.finish();
    await clock.advance(2000);
    expect(sent[0]?.ms).toBe(40);
    // Its first samples go out as they are made; then there is enough to choose from.
    expect(sent.slice(4, 9).map(({ ms }) => ms)).toEqual([80, 80, 80, 80, 80]);
  });

  it("is paced: it ends as early as it may, and is complete", async () => {
    const { track, sentMs, clock, isSpoken } = openTrack();
    track.say(long);
    track.finish();
    await clock.advance(600);
    expect(isSpoken()).toBe(false);
    await clock.advance(200);
    expect(isSpoken()).toBe(true);
    expect(sentMs()).toBeCloseTo(1000, 0);
  });

  it("makes little more than is heard, however long it is", async () => {
    const { track, synthesizer, clock } = openTrack();
    for (let at = 0; at < 60; at++) track.say(long);
    track.finish();
    await clock.advance(2000);
    expect(synthesizer.utterances.length).toBeLessThan(10);
    track.stop();
  });

  it("is whole in its texts, what cannot be said included", async () => {
    const { track, texts, clock } = openTrack();
    track.say("Merhaba efendim. 🙂\n\n");
    track.say("Nasılsınız?  ");
    track.finish();
    await clock.advance(3000);
    expect(texts.join("")).toBe("Merhaba efendim. 🙂\n\nNasılsınız?  ");
  });

  it("does not ask for speech where nothing of a piece is said", async () => {
    const { track, texts, synthesizer, clock, isSpoken } = openTrack();
    track.say("Bu böyledir.\n[1]\nBu da.");
    track.finish();
    await clock.advance(3000);
    expect(texts.join("")).toBe("Bu böyledir.\n[1]\nBu da.");
    expect(synthesizer.utterances.map(({ text }) => text)).toEqual(["Bu böyledir.", "Bu da."]);
    expect(isSpoken()).toBe(true);
  });

  it("that is held sends nothing, and goes on with what was not played", async () => {
    const { track, sent, sentMs, clock, isSpoken } = openTrack();
    track.say(long);
    track.finish();
    await clock.advance(400);
    const played = track.hold();
    const before = sentMs();
    expect(played.ms).toBeGreaterThanOrEqual(380);
    expect(played.ms).toBeLessThanOrEqual(400);
    await clock.advance(5000);
    expect(sentMs()).toBe(before);
    const { length } = sent;
    track.resume();
    await clock.advance(2000);
    expect(isSpoken()).toBe(true);
    const again = sent.slice(length).reduce((sum, { ms }) => sum + ms, 0);
    expect(played.ms + again).toBeGreaterThanOrEqual(1000);
    expect(played.ms + again).toBeLessThanOrEqual(1000 + 80);
  });

  it("that is stopped aborts the synthesiser at once and sets no timer", async () => {
    const { track, synthesizer, clock, sent } = openTrack({ pieceMs: 20 });
    for (let at = 0; at < 60; at++) track.say(long);
    await clock.advance(200);
    track.stop();
    const { length } = sent;
    await clock.advance(1000);
    expect(sent).toHaveLength(length);
    expect(synthesizer.aborted.length).toBeLessThanOrEqual(1);
    expect(clock.pending).toBe(0);
  });

  it("waits out a synthesiser that is slower than speech, without falling behind for ever", async () => {
    let release: () => void = () => {};
    const { track, sent, clock } = openTrack({
      beforePiece: ({ index }) =>
        index === 1
          ? new Promise<void>((go) => {
              release = go;
            })
          : undefined,
    });
    track.say(long);
    track.finish();
    await clock.advance(700);
    const gapFrom = sent.at(-1)?.at ?? 0;
    release();
    await clock.advance(2000);
    const resumed = sent.find(({ at }) => at > gapFrom);
    expect(resumed?.at).toBeGreaterThan(gapFrom + 300);
    expect(sent.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(1000, 0);
  });
});
