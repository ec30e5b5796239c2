import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callRealtime } from "../scripts/voice/realtime-caller.ts";
import { embeddedEnvironment } from "./support/embedded-engine.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, startProgram } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { percentile, rounded } from "./support/statistics.ts";
import { type VoiceFrameTimes, voiceFrameTimes } from "./support/voice-activity.ts";
import { chromiumInterruptions } from "./support/voice-browser.ts";
import { crowd, type MeasuredTurn, measuredTurn, type Speech, speechFor } from "./support/voice-calls.ts";
import { drawWaterfall } from "./support/voice-waterfall.ts";
import type { BenchTable } from "./table.ts";

const silenceMs = 500;
const crowdSize = 20;

/** A spoken turn as its caller lives it: real time, over loopback, everything embedded; then twenty callers at once without the model. */
export async function voiceBench({ models, quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  try {
    const alone = await withEmbeddedModel(models, folder, quick ? 3 : 24);
    const together = await withScriptedModel(folder, quick ? 5 : crowdSize, quick ? 1 : 4);
    const frames = await voiceFrameTimes(quick ? 200 : 5000);
    if (!quick) {
      const title = "Konuşmanın sonundan ilk sese: zaman nereye gidiyor";
      const turns = alone.turns.map(({ metrics }) => metrics);
      writeFileSync("docs/bench/voice-waterfall.svg", drawWaterfall(turns, title));
    }
    return table(alone, together, frames);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Alone {
  readonly turns: readonly MeasuredTurn[];
  readonly silences: readonly number[];
}

/** One caller after another, and a browser. */
async function withEmbeddedModel(models: string, folder: string, count: number): Promise<Alone> {
  await using gateway = await startServe({
    ...embeddedEnvironment(models, join(folder, "alone")),
    SEKTOR_REQUESTS_PER_MINUTE: "0",
  });
  const speech = await speechFor(gateway.url, count);
  const turns: MeasuredTurn[] = [];
  await using caller = await callRealtime({ url: gateway.url });
  // The first turn loads what loads on first use.
  for (const said of [speech[0], ...Array.from({ length: count }, (_, at) => speech[at % speech.length])]) {
    if (said !== undefined) turns.push(await measuredTurn(caller, said));
  }
  const silences = await chromiumInterruptions(gateway.url, alternating(speech).slice(0, count));
  return { turns: turns.slice(1), silences };
}

/** The words of a model that answers at once: what is left is speech and the platform. */
async function withScriptedModel(folder: string, callers: number, turns: number) {
  const port = await freePort();
  await using engine = startProgram(process.execPath, [
    ...["--import", "tsx", "bench/support/scripted-infer.ts"],
    String(port),
  ]);
  await engine.line((text) => text === "ready", 60_000);
  await using gateway = await startServe({
    SEKTOR_ENGINE: "sektor",
    SEKTOR_ENGINE_URL: `http://127.0.0.1:${port}`,
    SEKTOR_DATA: join(folder, "together"),
    SEKTOR_REQUESTS_PER_MINUTE: "0",
  });
  const speech = await speechFor(gateway.url, 6);
  // A process that has just started is not yet as fast as it gets.
  await crowd(gateway.url, callers, 1, speech);
  return { callers, ...(await crowd(gateway.url, callers, turns, speech)) };
}

function alternating(speech: readonly Speech[]): readonly Int16Array[] {
  return speech.flatMap(({ question, interruption }) => [question, interruption]);
}

type Together = Awaited<ReturnType<typeof withScriptedModel>>;

function table({ turns, silences }: Alone, together: Together, frames: VoiceFrameTimes): BenchTable {
  const row = (name: string, values: readonly (number | null | undefined)[], goal: string, digits = 0) => {
    const known = values.filter((value) => value !== null && value !== undefined);
    return [
      name,
      known.length,
      rounded(percentile(known, 0.5), digits),
      rounded(percentile(known, 0.95), digits),
      goal,
    ];
  };
  const of = <T>(all: readonly MeasuredTurn[], pick: (turn: MeasuredTurn) => T): readonly T[] => all.map(pick);
  return {
    title: "Voice: from the end of speech to the first sound, and how fast it falls silent",
    columns: ["what", "count", "p50", "p95", "goal"],
    rows: [
      row(
        "speech end → first audio, ms",
        of(turns, (turn) => turn.firstAudioMs),
        `p50 ≤ ${silenceMs + 250}, p95 ≤ ${silenceMs + 600}`,
      ),
      row(
        "— of it: silence waited for, ms",
        of(turns, ({ metrics }) => metrics.silence_ms),
        "",
      ),
      row(
        "— transcript known after, ms",
        of(turns, ({ metrics }) => metrics.transcript_ms),
        "",
      ),
      row(
        "— sector known after, ms",
        of(turns, ({ metrics }) => metrics.routed_ms),
        "",
      ),
      row(
        "— first token after, ms",
        of(turns, ({ metrics }) => metrics.first_token_ms),
        "",
      ),
      row(
        "— first audio after, ms",
        of(turns, ({ metrics }) => metrics.first_audio_ms),
        "",
      ),
      row(
        "speech onset → first partial, ms",
        of(turns, (turn) => turn.firstPartialMs),
        "≤ 600",
      ),
      row(
        "barge-in onset → last byte, ms",
        of(turns, (turn) => turn.bargeInMs),
        "p95 ≤ 200",
      ),
      row("barge-in onset → silence in Chromium, ms", silences, "p95 ≤ 350"),
      row("voice activity of a 32 ms frame, ms", frames.model, "p95 ≤ 0.5", 3),
      row("— with the way to its thread and back, ms", frames.asked, "", 3),
      row(
        "recogniser, share of real time",
        of(turns, ({ metrics }) => metrics.recognizer_rtf),
        "≤ 0.02",
        4,
      ),
      row(
        "synthesiser, share of real time",
        of(turns, ({ metrics }) => metrics.synthesizer_rtf),
        "≤ 0.05",
        4,
      ),
      row(
        `${together.callers} at once, no model: speech end → first audio, ms`,
        of(together.turns, (turn) => turn.firstAudioMs),
        `p95 ≤ ${silenceMs + 600}`,
      ),
      row(
        `${together.callers} at once, no model: barge-in onset → last byte, ms`,
        of(together.turns, (turn) => turn.bargeInMs),
        "p95 ≤ 200",
      ),
      row(
        `${together.callers} at once, no model: onset → first partial, ms`,
        of(together.turns, (turn) => turn.firstPartialMs),
        "≤ 600",
      ),
    ],
    notes: [
      "Recorded from speech that the embedded synthesiser made, spoken in real time over loopback. It is synthetic: nothing here says how people are understood.",
      "Times count from the last (or first) audible sample that left the client, to the event's arrival there; the lines with a dash are the server's own account, from the end of speech as voice activity saw it.",
      "A caller's first turn, which loads the speech engines, is not counted; the first turn of every other sector, which loads its adapter, is.",
      "Voice activity: one run of the model, which is what its goal was set for; the line below it is how a session gets it, from another thread. Sleeping threads wake late on a shared machine: a bare message there and back takes 0.06 ms, p95 0.12–0.16.",
      "Chromium's time is from the first sound at the page's microphone to the last at its loudspeaker, looked at every 5 ms; the operating system's own buffers are not in it.",
      `${together.callers} at once: ${together.turns.length} turns, ${together.failed} callers failed; the replies are a script's, so the language model's time is not in it; as many have talked before, one turn each, to warm it up. Client and gateway share the machine.`,
      "Where the time goes, turn by turn: [waterfall](voice-waterfall.svg).",
    ],
  };
}
