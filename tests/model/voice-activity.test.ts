import { afterAll, beforeAll, expect, it } from "vitest";
import { sileroActivity } from "../../services/speech/activity/silero-activity.ts";
import { recognizerSampleRate, voiceFrameSamples } from "../../services/speech/index.ts";
import { openInferenceHost, recordedQuestion } from "../support/recording.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { music } from "../support/sound.ts";
import { joined, silence } from "../support/speech.ts";

const host = openInferenceHost();
const activity = sileroActivity(host);
const frameMs = 32;

beforeAll(() => activity.ready());
afterAll(() => host[Symbol.asyncDispose]());

function wholeFrames(samples: Float32Array): Float32Array {
  return samples.subarray(0, samples.length - (samples.length % voiceFrameSamples));
}

/** 1 s of silence, 3 s of speech, 1 s of silence. */
const recording = wholeFrames(joined(silence(1000), recordedQuestion(), silence(1000)));

it("hears where speech begins and where it ends", async () => {
  const probabilities = await activity.open().feed(recording);
  expect(probabilities).toHaveLength(recording.length / voiceFrameSamples);
  const loud = [...probabilities].flatMap((probability, frame) => (probability >= 0.5 ? [frame * frameMs] : []));
  expect(loud[0]).toBeGreaterThan(900);
  expect(loud[0]).toBeLessThan(1200);
  expect(loud.at(-1)).toBeGreaterThan(3400);
  expect(loud.at(-1)).toBeLessThan(4200);
  expect(Math.max(...probabilities)).toBeGreaterThan(0.95);
});

it("hears no speech in silence, noise, a hum or a constant", async () => {
  const random = seededRandom(7);
  const noise = Float32Array.from({ length: 32 * voiceFrameSamples }, () => (random() - 0.5) * 0.4);
  const hum = Float32Array.from(noise, (_, at) => 0.5 * Math.sin((2 * Math.PI * 50 * at) / 16_000));
  for (const sound of [noise, hum, noise.map(() => 0), noise.map(() => 0.9)]) {
    const probabilities = await activity.open().feed(sound);
    expect(probabilities.filter((probability) => probability >= 0.5)).toHaveLength(0);
  }
});

it("hears no speech in music, and who speaks over it", async () => {
  const band = wholeFrames(music(16_000, recognizerSampleRate));
  const playing = await activity.open().feed(band);
  expect(playing.filter((probability) => probability >= 0.5)).toHaveLength(0);
  const over = recording.map((sample, at) => sample + 0.2 * (band[at] as number));
  const spoken = await activity.open().feed(over);
  expect(spoken.filter((probability) => probability >= 0.5).length * frameMs).toBeGreaterThan(1500);
});

it("hears the same in one piece, frame by frame, and among twenty others", async () => {
  const whole = await activity.open().feed(recording);
  const streams = Array.from({ length: 20 }, () => activity.open());
  const heard = streams.map(() => [] as number[]);
  for (let at = 0; at < recording.length; at += voiceFrameSamples) {
    const frame = recording.subarray(at, at + voiceFrameSamples);
    const found = await Promise.all(streams.map((stream) => stream.feed(frame)));
    for (const [index, [probability]] of found.entries()) heard[index]?.push(probability ?? -1);
  }
  for (const one of heard) expect(one).toEqual([...whole]);
});

it("hears the same again after it was reset", async () => {
  const stream = activity.open();
  const first = await stream.feed(recording);
  stream.reset();
  expect(await stream.feed(recording)).toEqual(first);
});

it("takes samples that are no numbers for silence", async () => {
  const [stream, other] = [activity.open(), activity.open()];
  const strange = new Float32Array(4 * voiceFrameSamples).fill(Number.NaN).fill(Number.POSITIVE_INFINITY, 600, 700);
  expect(await stream.feed(strange)).toEqual(await other.feed(strange.map(() => 0)));
  expect(await stream.feed(recording)).toEqual(await other.feed(recording));
});
