/** The process of a native recogniser: its code may block, crash or eat memory here without taking the gateway along. */
import { faultOf } from "../../speech-fault.ts";
import type { NativeEngine, NativeNews, NativeRequest, NativeStart } from "./native-messages.ts";

// Whoever started it is gone, and with it everybody who could be answered.
process.once("disconnect", () => process.exit(0));
// Ctrl+C reaches every process of the terminal; when this one ends is its parent's to say.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

function tell(news: NativeNews, told?: () => void): void {
  process.send?.(news, undefined, undefined, () => told?.());
}

async function load(start: NativeStart): Promise<NativeEngine> {
  if (start.engine === "whisper") return await (await import("./whisper.ts")).loadWhisper(start);
  return await (await import("./sherpa.ts")).loadSherpa(start);
}

async function answer(engine: NativeEngine, request: NativeRequest): Promise<void> {
  const { id } = request;
  try {
    tell({ kind: "result", id, recognition: await engine.recognize(request) });
  } catch (failure) {
    tell({ kind: "failure", id, fault: faultOf(failure) });
  }
}

try {
  const engine = await load(JSON.parse(process.argv[2] ?? "") as NativeStart);
  process.on("message", (request: NativeRequest) => void answer(engine, request));
  tell({ kind: "ready" });
} catch (failure) {
  tell({ kind: "refused", fault: faultOf(failure) }, () => process.exit(1));
}
