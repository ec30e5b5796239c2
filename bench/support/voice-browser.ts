import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callSampleRate } from "../../scripts/voice/realtime-caller.ts";
import { writeWav } from "../../services/speech/index.ts";
import { fakeMicrophone, launchBrowser, openPage } from "../../tests/support/browser.ts";

/** One look at both ends of the page's sound: when (ms of the page), and the peak of each in the last 10 ms, 0–1. */
type Look = readonly [atMs: number, microphone: number, loudspeaker: number];

/** Louder than this is sound. */
const audible = 0.01;
/** Quiet for so long is silence and no pause between two words, ms. */
const silentMs = 450;
/** Before the page stands and its session with it nothing is said, ms. */
const leadInMs = 12_000;
/** Long enough for the reply to begin, short enough for it to go on. */
const pauseMs = 3500;

/**
 * Chromium with a microphone that says one thing after another, each into the reply to the one before.
 * @returns of each interruption: first sound at the microphone → the loudspeaker is silent, ms
 */
export async function chromiumInterruptions(url: string, said: readonly Int16Array[]): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const wav = join(folder, "microphone.wav");
  writeFileSync(wav, writeWav(withPauses(said), callSampleRate));
  const browser = await launchBrowser(fakeMicrophone(wav));
  try {
    const { page, close } = await openPage(browser, { permissions: ["microphone"] });
    await page.addInitScript(probe);
    await page.goto(`${url}/voice`);
    await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
    const lengthMs = leadInMs + said.reduce((sum, { length }) => sum + (length * 1000) / callSampleRate + pauseMs, 0);
    await page.waitForTimeout(lengthMs);
    const looks = await page.evaluate<Look[]>("window.looks");
    await close();
    return silences(looks);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function withPauses(said: readonly Int16Array[]): Int16Array {
  const samplesOf = (ms: number): number => (ms * callSampleRate) / 1000;
  const all = new Int16Array(said.reduce((sum, { length }) => sum + length + samplesOf(pauseMs), samplesOf(leadInMs)));
  let at = samplesOf(leadInMs);
  for (const samples of said) {
    all.set(samples, at);
    at += samples.length + samplesOf(pauseMs);
  }
  return all;
}

/** Listens in on whatever the page connects: its microphone, and what goes to the loudspeaker. Text, because it runs in the page. */
const probe = `{
  window.looks = [];
  const analysers = {};
  const connect = AudioNode.prototype.connect;
  const listen = (name, node) => {
    analysers[name] = new AnalyserNode(node.context, { fftSize: 256 });
    connect.call(node, analysers[name]);
  };
  AudioNode.prototype.connect = function (...to) {
    if (this instanceof MediaStreamAudioSourceNode && !analysers.microphone) listen("microphone", this);
    if (to[0] instanceof AudioDestinationNode) listen("loudspeaker", this);
    return connect.apply(this, to);
  };
  const samples = new Float32Array(256);
  const peak = (analyser) => {
    if (!analyser) return 0;
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  };
  setInterval(() => window.looks.push([performance.now(), peak(analysers.microphone), peak(analysers.loudspeaker)]), 5);
}`;

/** Every beginning of speech while the loudspeaker sounds, and how long until that was silent. */
function silences(looks: readonly Look[]): readonly number[] {
  const found: number[] = [];
  let quietSinceMs = Number.NEGATIVE_INFINITY;
  let lastSpokenMs = Number.NEGATIVE_INFINITY;
  let lastHeardMs = Number.NEGATIVE_INFINITY;
  for (const [atMs, microphone, loudspeaker] of looks) {
    if (loudspeaker >= audible) lastSpokenMs = atMs;
    if (microphone < audible) {
      if (quietSinceMs === Number.POSITIVE_INFINITY && atMs - lastHeardMs >= silentMs) quietSinceMs = atMs;
      continue;
    }
    lastHeardMs = atMs;
    const begins = quietSinceMs !== Number.POSITIVE_INFINITY;
    quietSinceMs = Number.POSITIVE_INFINITY;
    // Sounding a moment ago: the onset may fall between two words of the reply.
    if (begins && atMs - lastSpokenMs < silentMs) found.push(untilSilent(looks, atMs));
  }
  return found;
}

function untilSilent(looks: readonly Look[], onsetMs: number): number {
  let lastMs = onsetMs;
  for (const [atMs, , loudspeaker] of looks) {
    if (atMs < onsetMs) continue;
    if (atMs - lastMs >= silentMs) break;
    if (loudspeaker >= audible) lastMs = atMs;
  }
  return lastMs - onsetMs;
}
