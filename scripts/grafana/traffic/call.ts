import { pause } from "../../../services/foundation/index.ts";
import { callRealtime } from "../../voice/realtime-caller.ts";
import { spokenText } from "../../voice/speech.ts";

/** How much of the reply is heard before it is interrupted, ms. */
const listenMs = 900;

/** A call in real time: a question in the gateway's own voice, its answer interrupted by another question, whose answer is heard. */
export async function call(url: string, question: string, interruption: string): Promise<void> {
  const [first, second] = [await spokenText(question, { url }), await spokenText(interruption, { url })];
  await using caller = await callRealtime({ url });
  await pause(300);
  const asked = await caller.say(first);
  await caller.hears("response.output_audio.delta", asked.endMs);
  await pause(listenMs);
  const again = await caller.say(second);
  await caller.hears("response.output_audio.delta", again.endMs);
  await caller.hears("response.done", again.endMs, ({ response }) => response.status === "completed");
}
