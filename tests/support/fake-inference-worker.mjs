// Stands for services/speech/worker/inference-worker.ts: as quick as it is simple, and it breaks when a sample asks for it.
// 0.9 ends the thread by an uncaught error, 0.8 answers nothing, 0.7 never gives the thread back.
import { parentPort, workerData } from "node:worker_threads";

const heard = new Map();

parentPort.on("message", ({ kind, id, what, stream, samples }) => {
  if (kind === "forget") {
    heard.delete(stream);
    return;
  }
  if (kind === "load") {
    if (what === "ctc" && workerData.ctc.model === "missing")
      parentPort.postMessage({
        kind: "failure",
        id,
        fault: { message: "ENOENT", setup: { en: "Put it back.", tr: "Geri koyun." } },
      });
    else parentPort.postMessage({ kind: "result", id, value: undefined });
    return;
  }
  const first = Math.round(samples[0] * 10) / 10;
  if (first === 0.9) throw new Error("out of memory");
  if (first === 0.8) return;
  while (first === 0.7);
  if (kind === "recognize") {
    const text = String(samples.length);
    parentPort.postMessage({ kind: "result", id, value: { text, confidence: 1, words: [] } });
    return;
  }
  // A frame's "probability" is how many frames the stream has had.
  const before = heard.get(stream) ?? 0;
  const value = Float32Array.from({ length: samples.length / 512 }, (_, frame) => before + frame + 1);
  heard.set(stream, before + value.length);
  parentPort.postMessage({ kind: "result", id, value });
});
