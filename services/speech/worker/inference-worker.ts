/** The thread that runs the ONNX models: running one blocks its thread, so they have one of their own. */
import { parentPort, workerData } from "node:worker_threads";
import { SpeechSetupError } from "../errors.ts";
import { faultOf } from "../speech-fault.ts";
import type { Ctc } from "./ctc.ts";
import type { SileroStream } from "./silero.ts";
import type { WorkerCall, WorkerNews, WorkerNotice, WorkerStart, WorkerValue } from "./worker-protocol.ts";

const { voiceModel, ctc: ctcFiles, threads } = workerData as WorkerStart;

let openStream: (() => SileroStream) | undefined;
let ctc: Ctc | undefined;

interface Microphone {
  stream: SileroStream | undefined;
  /** Frames of one microphone are heard in order; those of others in between, since every run gives the others a turn. */
  last: Promise<unknown>;
}
const microphones = new Map<number, Microphone>();

async function load(what: "voice" | "ctc"): Promise<undefined> {
  try {
    if (what === "voice") {
      const { loadSilero, SileroStream } = await import("./silero.ts");
      const session = await loadSilero(voiceModel, threads);
      openStream = () => new SileroStream(session);
    } else {
      const { Ctc } = await import("./ctc.ts");
      ctc = await Ctc.load(ctcFiles, threads);
    }
  } catch (failure) {
    throw isMissingRuntime(failure)
      ? new SpeechSetupError(runtimeMissing, failure)
      : new SpeechSetupError(modelMissing[what], failure);
  }
}

/** One after the other for each microphone. */
function inOrder<T>(number: number, work: (microphone: Microphone) => T | Promise<T>): Promise<T> {
  const microphone = microphones.get(number) ?? { stream: undefined, last: Promise.resolve() };
  microphones.set(number, microphone);
  const done = microphone.last.then(() => work(microphone));
  microphone.last = done.catch(() => undefined);
  return done;
}

function forget({ stream }: WorkerNotice): void {
  void inOrder(stream, (microphone) => {
    microphone.stream = undefined;
    microphones.delete(stream);
  });
}

async function answer(call: WorkerCall): Promise<WorkerValue> {
  if (call.kind === "load") return await load(call.what);
  if (call.kind === "recognize") {
    if (ctc === undefined) throw new Error("The recogniser is not loaded.");
    return await ctc.recognize(call.samples);
  }
  const { samples } = call;
  return await inOrder(call.stream, async (microphone) => {
    microphone.stream ??= openStream?.();
    if (microphone.stream === undefined) throw new Error("Voice activity is not loaded.");
    return await microphone.stream.feed(samples);
  });
}

parentPort?.on("message", async (call: WorkerCall | WorkerNotice) => {
  if (call.kind === "forget") {
    forget(call);
    return;
  }
  try {
    tell({ kind: "result", id: call.id, value: await answer(call) });
  } catch (failure) {
    tell({ kind: "failure", id: call.id, fault: faultOf(failure) });
  }
});

function tell(news: WorkerNews): void {
  parentPort?.postMessage(news);
}

function isMissingRuntime(failure: unknown): boolean {
  const { code, message = "" } = failure as NodeJS.ErrnoException;
  const absent = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return code === "ERR_DLOPEN_FAILED" || (absent && /onnxruntime/.test(message));
}

const runtimeMissing = {
  en: "onnxruntime-node cannot be loaded on this machine: run `npm ci` again, or choose another recogniser with SEKTOR_RECOGNIZER.",
  tr: "onnxruntime-node bu makinede yüklenemiyor: `npm ci` komutunu yeniden çalıştırın ya da SEKTOR_RECOGNIZER ile başka bir tanıyıcı seçin.",
};
const modelMissing = {
  voice: {
    en: "The voice activity model of @ricky0123/vad-web cannot be read: run `npm ci` again.",
    tr: "@ricky0123/vad-web paketindeki ses algılama modeli okunamıyor: `npm ci` komutunu yeniden çalıştırın.",
  },
  ctc: {
    en: "The embedded recogniser's model in models/speech cannot be read: restore the folder, or choose another recogniser with SEKTOR_RECOGNIZER.",
    tr: "models/speech klasöründeki gömülü tanıyıcı modeli okunamıyor: klasörü geri getirin ya da SEKTOR_RECOGNIZER ile başka bir tanıyıcı seçin.",
  },
};
