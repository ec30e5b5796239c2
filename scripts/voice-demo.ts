/**
 * Speaks a question to a gateway in real time, as a caller would, and keeps what came back: the spoken answer as WAV, the call as a
 * picture, one line of figures on standard output.
 *
 *   npm run voice:demo -- [--url http://127.0.0.1:8000] [--key sk-sektor-…] [--text "…" | --wav question.wav] [--interrupt "…"]
 *                         [--sector legal] [--voice tr] [--out voice-demo]
 *
 * Without --url it starts a gateway of its own with the embedded model, on a free port, and ends it again.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startServe } from "../bench/support/serve.ts";
import { pause } from "../services/foundation/index.ts";
import { writeWav } from "../services/speech/index.ts";
import { type Caller, callRealtime, callSampleRate } from "./voice/realtime-caller.ts";
import { readSpeech, spokenText } from "./voice/speech.ts";
import { drawTimeline } from "./voice/timeline.ts";

/** How much of a reply is listened to before it is interrupted, ms. */
const listenMs = 1500;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    key: { type: "string", default: process.env["SEKTOR_KEY"] },
    text: { type: "string", default: "Kredi kartı borcumu yapılandırmak istiyorum." },
    wav: { type: "string" },
    interrupt: { type: "string" },
    sector: { type: "string" },
    voice: { type: "string" },
    out: { type: "string", default: "voice-demo" },
  },
});
const out = resolve(values.out);

if (values.url === undefined) {
  const data = mkdtempSync(join(tmpdir(), "sektor-demo-"));
  try {
    await using gateway = await startServe({ SEKTOR_DATA: data, SEKTOR_GPU: "off" });
    await demonstrate(gateway.url);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
} else {
  await demonstrate(values.url);
}

async function demonstrate(url: string): Promise<void> {
  const { key, voice, sector } = values;
  const asked = { url, ...(key === undefined ? {} : { key }), ...(voice === undefined ? {} : { voice }) };
  const question =
    values.wav === undefined ? await spokenText(values.text, asked) : await readSpeech(readFileSync(values.wav));
  const interruption = values.interrupt === undefined ? undefined : await spokenText(values.interrupt, asked);
  await using caller = await callRealtime({
    url,
    ...(key === undefined ? {} : { key }),
    session: sector === undefined ? {} : { x_sector: sector },
  });
  const fromMs = performance.now();
  await pause(300);
  const turns = [await turn(caller, question)];
  if (interruption !== undefined) {
    await pause(listenMs);
    turns.push(await turn(caller, interruption));
  }
  const { event: end } = await caller.hears("response.done", caller.said.at(-1)?.endMs ?? fromMs);
  await pause(Math.max(0, caller.loudspeaker.busyUntilMs - performance.now()) + 200);
  keep(caller, fromMs, performance.now(), { turns, status: end.response.status });
}

interface Turn {
  readonly transcript: string;
  readonly sector: string | null;
  readonly first_audio_ms: number;
}

/** Says it and waits for the first sound of the reply. */
async function turn(caller: Caller, samples: Int16Array): Promise<Turn> {
  const { endMs } = await caller.say(samples);
  const heard = await caller.hears("conversation.item.input_audio_transcription.completed", endMs);
  const { event } = await caller.hears("x.sector", endMs);
  const sound = await caller.hears("response.output_audio.delta", heard.atMs);
  return {
    transcript: heard.event.transcript,
    sector: event.sector,
    first_audio_ms: Math.round(sound.atMs - endMs),
  };
}

function keep(caller: Caller, fromMs: number, toMs: number, facts: object): void {
  mkdirSync(out, { recursive: true });
  const answer = join(out, "answer.wav");
  const timeline = join(out, "timeline.svg");
  writeFileSync(answer, writeWav(caller.loudspeaker.recording(fromMs, toMs), callSampleRate));
  writeFileSync(timeline, drawTimeline(caller, fromMs, toMs, values.wav ?? values.text));
  const reply = caller.moments.flatMap(({ event }) =>
    event.type === "response.output_audio_transcript.done" ? [event.transcript] : [],
  );
  const metrics = caller.moments.flatMap(({ event }) => (event.type === "x.metrics" ? [event.metrics] : []));
  console.log(JSON.stringify({ ...facts, reply, answer, timeline, metrics }));
}
