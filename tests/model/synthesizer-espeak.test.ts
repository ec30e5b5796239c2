import { afterEach, describe, expect, it } from "vitest";
import { SynthesizerUnavailableError } from "../../services/speech/errors.ts";
import {
  createEspeakSynthesizer,
  type EspeakSynthesizerOptions,
} from "../../services/speech/synthesis/espeak/espeak-synthesizer.ts";
import type { ProcessSynthesizer } from "../../services/speech/synthesis/process/process-synthesizer.ts";
import { describeSynthesizer, loudnessOf, spoken } from "../conformance/synthesizer.conformance.ts";

const events: string[] = [];
const write = (_facts: object, event: string) => void events.push(event);
const log = { debug: write, info: write, warn: write, error: write };
const opened: ProcessSynthesizer[] = [];
function open(options: Partial<EspeakSynthesizerOptions> = {}): ProcessSynthesizer {
  const nowMs = () => performance.now();
  const synthesizer = createEspeakSynthesizer({ queueLimit: 64, timeoutMs: 60_000, log, nowMs, ...options });
  opened.push(synthesizer);
  return synthesizer;
}
const secondsOf = (samples: Int16Array) => samples.length / 22_050;
const greeting = "Merhaba, size nasıl yardımcı olabilirim?";
const sentence = "Siparişiniz yarın öğleden sonra adresinize teslim edilecek, lütfen evde olun. ";

let kept: ProcessSynthesizer | undefined;
describeSynthesizer("espeak-ng: conformance", {
  open: async () => {
    kept ??= open();
    return kept;
  },
  // Its breath noise is random, and with it the length, by a few samples.
  tolerance: 0.02,
});

describe("espeak-ng", () => {
  afterEach(async () => {
    kept = undefined;
    for (const synthesizer of opened.splice(0)) await synthesizer[Symbol.asyncDispose]();
    events.length = 0;
  });

  it("says a greeting in two to five seconds, at once and with the pause after it", async () => {
    const samples = await spoken(open(), { text: greeting });
    expect(secondsOf(samples)).toBeGreaterThan(2);
    expect(secondsOf(samples)).toBeLessThan(5);
    expect(samples.slice(0, 1102).some((sample) => Math.abs(sample) > 500)).toBe(true);
    expect(loudnessOf(samples.slice(-5500))).toBeLessThan(50);
  });

  it("has voices that differ: by octave in pitch between men and women", async () => {
    const synthesizer = open();
    const pitches = new Map<string, number>();
    for (const voice of synthesizer.voices)
      pitches.set(voice, pitchOf(await spoken(synthesizer, { text: greeting, voice })));
    for (const voice of ["deniz", "kerem", "mert", "baran"]) expect(pitches.get(voice), voice).toBeLessThan(130);
    for (const voice of ["elif", "zeynep", "defne", "selin"]) expect(pitches.get(voice), voice).toBeGreaterThan(150);
    const high = pitchOf(await spoken(synthesizer, { text: greeting, voice: "deniz", pitch: 1.5 }));
    expect(high).toBeGreaterThan(1.2 * (pitches.get("deniz") as number));
  });

  it("reads markup and control characters as text, to the end", async () => {
    const synthesizer = open();
    const plain = secondsOf(await spoken(synthesizer, { text: "evet hayır" }));
    expect(secondsOf(await spoken(synthesizer, { text: "evet\0hayır" }))).toBeGreaterThan(0.9 * plain);
    // A pause of nine seconds would be obeyed, were it markup.
    expect(secondsOf(await spoken(synthesizer, { text: 'evet <break time="9s"/> hayır' }))).toBeLessThan(8);
    for (const text of ["...", "😀", "中文", "\ud800", "ı".repeat(500)]) await spoken(synthesizer, { text });
    expect(events).toEqual(["synthesizer-serves"]);
  });

  it("stays silent after the signal, though a long text was asked for", async () => {
    const synthesizer = open();
    const giving = new AbortController();
    let pieces = 0;
    const reading = (async () => {
      for await (const _ of synthesizer.synthesize({ text: sentence.repeat(40) }, giving.signal)) {
        if (++pieces === 3) giving.abort(new Error("barge-in"));
      }
    })();
    await expect(reading).rejects.toThrow("barge-in");
    expect(pieces).toBe(3);
  });

  it("speaks again after its process was killed, and fails only what it was saying", async () => {
    const synthesizer = open();
    await synthesizer.ready();
    const pid = synthesizer.pid as number;
    const reading = spoken(synthesizer, { text: greeting });
    process.kill(pid, "SIGKILL");
    await expect(reading).rejects.toThrow(SynthesizerUnavailableError);
    expect(secondsOf(await spoken(synthesizer, { text: greeting }))).toBeGreaterThan(2);
    expect(synthesizer.pid).not.toBe(pid);
  });

  it("speaks again after its process hung", async () => {
    const synthesizer = open();
    await synthesizer.ready();
    const pid = synthesizer.pid as number;
    process.kill(pid, "SIGSTOP");
    const [hung, behind] = await Promise.allSettled([
      spoken(synthesizer, { text: greeting }),
      spoken(synthesizer, { text: greeting }),
    ]);
    expect([hung.status, behind.status]).toEqual(["rejected", "fulfilled"]);
    expect(events).toContain("synthesizer-hangs");
  });

  it("ends its process with itself", async () => {
    const synthesizer = open();
    await synthesizer.ready();
    const pid = synthesizer.pid as number;
    await synthesizer[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("lets a short sentence pass twenty long texts", async () => {
    const synthesizer = open();
    await synthesizer.ready();
    const giving = new AbortController();
    const ended: string[] = [];
    const longs = Array.from({ length: 20 }, () =>
      spoken(synthesizer, { text: sentence.repeat(20) }, giving.signal).then(
        () => ended.push("long"),
        (failure) => expect(failure).toBe(giving.signal.reason),
      ),
    );
    await spoken(synthesizer, { text: "Buyurun." });
    ended.push("short");
    giving.abort();
    await Promise.all(longs);
    expect(ended).toEqual(["short"]);
  });

  it("names the missing package and its cure", async () => {
    const failure = await open({ packageName: "@echogarden/absent" })
      .ready()
      .catch((caught) => caught);
    expect(failure).toBeInstanceOf(SynthesizerUnavailableError);
    expect(failure.messageTr).toContain("@echogarden/absent paketi kurulu değil");
  });
});

/** Median fundamental frequency of the voiced parts, Hz, by autocorrelation. */
function pitchOf(samples: Int16Array): number {
  const found: number[] = [];
  const window = 1000;
  for (let from = 2000; from + window + 330 < samples.length; from += 1500) {
    const at = (index: number) => samples[from + index] as number;
    let energy = 0;
    for (let i = 0; i < window; i++) energy += at(i) ** 2;
    if (energy < window * 1e6) continue;
    let [best, bestLag] = [0, 0];
    for (let lag = 50; lag < 330; lag++) {
      let [product, shifted] = [0, 0];
      for (let i = 0; i < window; i++) {
        product += at(i) * at(i + lag);
        shifted += at(i + lag) ** 2;
      }
      const likeness = product / Math.sqrt(energy * shifted);
      if (likeness > best + 0.02) [best, bestLag] = [likeness, lag];
    }
    if (best > 0.6) found.push(22_050 / bestLag);
  }
  return found.sort((one, other) => one - other)[found.length >> 1] ?? 0;
}
