import { type Caller, callRealtime } from "../../scripts/voice/realtime-caller.ts";
import { spokenText } from "../../scripts/voice/speech.ts";
import { pause } from "../../services/foundation/index.ts";
import type { TurnMetrics } from "../../services/voice/events/index.ts";

/** Questions of many sectors without a pause in them, as people end them: none on a conjunction or a number. */
const questions = [
  "kredi kartı borcumu yapılandırmak istiyorum",
  "mahallemizde elektrik kesildi ne zaman gelir",
  "tahlil sonuçlarımı nereden görebilirim",
  "siparişim hasarlı geldi nasıl iade ederim",
  "ev internetim çok yavaş ne yapabilirim",
  "domates fidelerimin yaprakları sarardı neden olabilir",
] as const;
const interruptions = ["dur bir dakika", "tamam anladım teşekkürler", "bir şey soracağım"] as const;
/** Voices of the synthesiser that ask. */
const voices = ["elif", "kerem", "zeynep"] as const;
/** How much of a reply is heard before it is interrupted, ms. */
const listenMs = 1200;

export interface Speech {
  readonly question: Int16Array;
  readonly interruption: Int16Array;
}

/** What one turn took, ms; as the caller saw it, and `metrics` as the server did. */
export interface MeasuredTurn {
  /** Last sample of the question sent → first sample of the reply here. */
  readonly firstAudioMs: number;
  /** First sample of the question sent → first partial transcript; undefined: none came. */
  readonly firstPartialMs: number | undefined;
  /** First sample of the interruption sent → last sample of the reply here; undefined: the reply was over, or nobody was understood. */
  readonly bargeInMs: number | undefined;
  readonly metrics: TurnMetrics;
}

/** `count` turns' worth of speech, made by the gateway's own synthesiser before anything is measured. */
export async function speechFor(url: string, count: number): Promise<readonly Speech[]> {
  const made: Speech[] = [];
  for (let at = 0; at < Math.min(count, questions.length * voices.length); at++) {
    const voice = voices[Math.floor(at / questions.length) % voices.length] ?? voices[0];
    made.push({
      question: await spokenText(questions[at % questions.length] ?? "", { url, voice }),
      interruption: await spokenText(interruptions[at % interruptions.length] ?? "", { url, voice }),
    });
  }
  return made;
}

/** Asks, listens a while, interrupts, and leaves the line quiet again. @throws Error something never came */
export async function measuredTurn(caller: Caller, { question, interruption }: Speech): Promise<MeasuredTurn> {
  const asked = await caller.say(question);
  const sound = await caller.hears("response.output_audio.delta", asked.endMs);
  const partial = caller.moments.find(
    ({ atMs, event }) => event.type === "conversation.item.input_audio_transcription.delta" && atMs >= asked.startMs,
  );
  await pause(listenMs);
  const cut = await caller.say(interruption);
  const responseId = sound.event.response_id;
  const done = await caller.hears("response.done", sound.atMs, ({ response }) => response.id === responseId);
  const { event } = await caller.hears("x.metrics", sound.atMs, ({ response_id: id }) => id === responseId);
  const lastByte = caller.moments.findLast(
    ({ event }) => event.type === "response.output_audio.delta" && event.response_id === responseId,
  );
  const isCut = done.event.response.status === "cancelled" && lastByte !== undefined && done.atMs > cut.startMs;
  await quieten(caller, cut.endMs, isCut);
  return {
    firstAudioMs: sound.atMs - asked.endMs,
    firstPartialMs: partial === undefined ? undefined : partial.atMs - asked.startMs,
    bargeInMs: isCut ? Math.max(0, lastByte.atMs - cut.startMs) : undefined,
    metrics: event.metrics,
  };
}

/** The interruption is answered too, or what it interrupted goes on; nobody waits for either. */
async function quieten(caller: Caller, sinceMs: number, isCut: boolean): Promise<void> {
  const heard = await caller.hears("conversation.item.input_audio_transcription.completed", sinceMs);
  if (isCut || heard.event.transcript !== "") {
    const { event } = await caller.hears("response.created", sinceMs);
    caller.send({ type: "response.cancel" });
    await caller.hears("response.done", sinceMs, ({ response }) => response.id === event.response.id);
  }
  await pause(700);
}

/** `count` callers at once, each with turns of its own, beginning one after the other within a few seconds. */
export async function crowd(
  url: string,
  count: number,
  turns: number,
  speech: readonly Speech[],
): Promise<{ readonly turns: readonly MeasuredTurn[]; readonly failed: number }> {
  const measured: MeasuredTurn[] = [];
  let failed = 0;
  const one = async (number: number): Promise<void> => {
    await pause(number * 173);
    await using caller = await callRealtime({ url });
    for (let turn = 0; turn < turns; turn++) {
      const said = speech[(number + turn) % speech.length];
      if (said !== undefined) measured.push(await measuredTurn(caller, said));
    }
  };
  await Promise.all(
    Array.from({ length: count }, (_, number) =>
      one(number).catch((failure: unknown) => {
        if (failed++ === 0) console.error(String(failure));
      }),
    ),
  );
  return { turns: measured, failed };
}
