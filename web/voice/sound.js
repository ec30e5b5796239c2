import { decodeSamples, encodeSamples } from "./base64.js";

/** What the protocol speaks. */
export const sampleRate = 24_000;
/** How much sound the analysers look at: 43 ms. */
const analysedSamples = 1024;

/** There is no microphone for this page. `kind`: insecure | refused | missing | broken. */
export class MicrophoneFailure extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.kind = kind;
  }
}

/**
 * The ear and the mouth of the page. Call it from a click: browsers begin to play only when somebody wanted it.
 * @param {{ onFrame: (base64: string) => void, onPlaying: (playing: boolean) => void }} told onFrame: 20 ms of the microphone
 * @throws {MicrophoneFailure}
 */
export async function openSound({ onFrame, onPlaying }) {
  const microphone = await openMicrophone();
  const context = new AudioContext({ sampleRate, latencyHint: "interactive" });
  try {
    await Promise.all(["capture", "player"].map((name) => context.audioWorklet.addModule(workletUrl(name))));
    const ear = context.createMediaStreamSource(microphone);
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    const player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    const [heard, spoken] = [context, context].map((of) => new AnalyserNode(of, { fftSize: analysedSamples }));
    ear.connect(heard);
    ear.connect(capture);
    player.connect(spoken).connect(context.destination);
    capture.port.onmessage = ({ data }) => onFrame(encodeSamples(data));
    const flushes = answersOf(player.port, onPlaying);
    await context.resume();
    return {
      heard,
      spoken,
      /** @param {string} item whose sound it is */
      play(item, base64) {
        const samples = decodeSamples(base64);
        player.port.postMessage({ item, samples }, [samples.buffer]);
      },
      /** Falls silent at once. @returns what was there: [{item, heardMs, isWhole}]; heardMs: what reached the ear */
      async flush() {
        const items = await flushes.ask();
        const onItsWayMs = (context.outputLatency || 0) * 1000;
        return items.map(({ item, playedSamples, isWhole }) => ({
          item,
          isWhole,
          heardMs: Math.max(0, Math.floor((playedSamples * 1000) / sampleRate - onItsWayMs)),
        }));
      },
      async close() {
        for (const track of microphone.getTracks()) track.stop();
        await context.close();
      },
    };
  } catch (fault) {
    for (const track of microphone.getTracks()) track.stop();
    await context.close();
    throw new MicrophoneFailure("broken", fault);
  }
}

async function openMicrophone() {
  // Browsers hide the microphone from pages that came over plain http from elsewhere.
  if (navigator.mediaDevices === undefined) throw new MicrophoneFailure("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      // Without echo cancellation the reply out of the loudspeaker would interrupt itself.
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (fault) {
    throw new MicrophoneFailure(fault.name === "NotAllowedError" ? "refused" : "missing", fault);
  }
}

function workletUrl(name) {
  return new URL(`./${name}-worklet.js`, import.meta.url);
}

/** Matches the player's answers to the flushes they answer. */
function answersOf(port, onPlaying) {
  const waiting = new Map();
  let asked = 0;
  port.onmessage = ({ data }) => {
    if (data.playing !== undefined) onPlaying(data.playing);
    else {
      waiting.get(data.flushed)?.(data.items);
      waiting.delete(data.flushed);
    }
  };
  return {
    ask: () =>
      new Promise((resolve) => {
        waiting.set(++asked, resolve);
        port.postMessage({ flush: asked });
      }),
  };
}
