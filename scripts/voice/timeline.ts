import { area, colours, line, pale, rect, svg, text } from "../eval/plots/svg.ts";
import { type Caller, callSampleRate, type Moment } from "./realtime-caller.ts";

const left = 150;
const width = 820;
const laneHeight = 54;
const top = 48;
const [callerColour, replyColour, serverColour] = colours;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

/** A call as a picture: what was said and heard, when the server noticed, what it took it for, and who answered. SVG. */
export function drawTimeline(caller: Caller, fromMs: number, toMs: number, title: string): string {
  const x = (atMs: number): number =>
    left + (width * (Math.min(toMs, Math.max(fromMs, atMs)) - fromMs)) / (toMs - fromMs);
  const lane = (at: number): number => top + at * laneHeight;
  const moments = caller.moments.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const bars = (at: number, spans: readonly Span[], fill: string): string[] =>
    spans.flatMap(({ fromMs: from, toMs: to, label }, number) => {
      const room = x(spans[number + 1]?.fromMs ?? toMs) - x(from);
      return [
        rect(x(from), lane(at) + 10, Math.max(1, x(to) - x(from)), 18, fill, label),
        text(x(from) + 2, lane(at) + 42, shortened(label, room), { size: 10 }),
      ];
    });
  const lanes = ["Arayan", "Ses algılama", "Yazıya döküm", "Yanıt", "Duyulan"];
  const height = lane(lanes.length) + 30;
  return svg(left + width + 20, height, title, [
    text(12, 22, title, { size: 14 }),
    ...seconds(fromMs, toMs).flatMap(({ atMs, label }) => [
      line(x(atMs), top - 8, x(atMs), height - 24, pale),
      text(x(atMs), height - 10, label, { anchor: "middle", size: 10 }),
    ]),
    ...lanes.map((name, at) => text(left - 10, lane(at) + 24, name, { anchor: "end" })),
    wave(microphone(caller, fromMs, toMs), lane(0), callerColour),
    ...bars(1, speechSpans(moments, toMs), serverColour),
    ...bars(2, transcripts(moments), callerColour),
    ...bars(3, replies(moments, toMs), replyColour),
    wave(caller.loudspeaker.recording(fromMs, toMs), lane(4), replyColour),
  ]);
}

/** What the microphone heard, at the places where it was said. */
function microphone(caller: Caller, fromMs: number, toMs: number): Int16Array {
  const all = new Int16Array(Math.ceil(((toMs - fromMs) * callSampleRate) / 1000));
  for (const { samples, startMs } of caller.said) {
    const at = Math.round(((startMs - fromMs) * callSampleRate) / 1000);
    if (at >= 0 && at < all.length) all.set(samples.subarray(0, all.length - at), at);
  }
  return all;
}

/** The loudness of each column, up and down from the middle of its lane. */
function wave(samples: Int16Array, y: number, fill: string): string {
  const middle = y + laneHeight / 2 - 6;
  const half = laneHeight / 2 - 6;
  const each = samples.length / width;
  const peaks = Array.from({ length: width }, (_, at) =>
    samples
      .subarray(Math.floor(at * each), Math.floor((at + 1) * each))
      .reduce((most, s) => Math.max(most, Math.abs(s)), 0),
  ).map((peak) => 0.4 + (peak / 32_768) * half);
  const upper = peaks.map((peak, at) => [left + at, middle - peak] as const);
  const lower = peaks.map((peak, at) => [left + at, middle + peak] as const);
  return area([...upper, ...lower.reverse()], fill);
}

function speechSpans(moments: readonly Moment[], endMs: number): Span[] {
  return spansOf(
    moments,
    endMs,
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    () => "konuşma",
  );
}

/** From the first partial to the final transcript. */
function transcripts(moments: readonly Moment[]): Span[] {
  return moments.flatMap(({ atMs, event }) => {
    if (event.type !== "conversation.item.input_audio_transcription.completed") return [];
    const first = moments.find(
      (moment) =>
        moment.event.type === "conversation.item.input_audio_transcription.delta" &&
        moment.event.item_id === event.item_id,
    );
    return [
      { fromMs: first?.atMs ?? atMs, toMs: atMs, label: event.transcript === "" ? "(söz yok)" : event.transcript },
    ];
  });
}

/** From the beginning of a response to its end, by who answered. */
function replies(moments: readonly Moment[], endMs: number): Span[] {
  return spansOf(moments, endMs, "response.created", "response.done", (from, to) => {
    const sector = moments.find(({ event, atMs }) => event.type === "x.sector" && atMs >= from.atMs);
    const name = sector?.event.type === "x.sector" ? (sector.event.sector ?? "sektör yok") : "";
    const cut = to?.event.type === "response.done" && to.event.response.status === "cancelled" ? ", kesildi" : "";
    return `${name}${cut}`;
  });
}

function spansOf(
  moments: readonly Moment[],
  endMs: number,
  begin: Moment["event"]["type"],
  end: Moment["event"]["type"],
  label: (from: Moment, to: Moment | undefined) => string,
): Span[] {
  return moments
    .filter(({ event }) => event.type === begin)
    .map((from) => {
      const to = moments.find(({ event, atMs }) => event.type === end && atMs >= from.atMs);
      return { fromMs: from.atMs, toMs: to?.atMs ?? endMs, label: label(from, to) };
    });
}

/** Where the time axis has its lines: at most about twenty. */
function seconds(fromMs: number, toMs: number): readonly { readonly atMs: number; readonly label: string }[] {
  const lengthS = (toMs - fromMs) / 1000;
  const stepS = [1, 2, 5, 10, 30, 60].find((step) => lengthS / step <= 20) ?? 300;
  return Array.from({ length: Math.floor(lengthS / stepS) + 1 }, (_, at) => ({
    atMs: fromMs + at * stepS * 1000,
    label: `${at * stepS} sn`,
  }));
}

/** As much of it as there is room before the next. */
function shortened(label: string, room: number): string {
  const letters = Math.max(4, Math.floor(room / 5.5));
  return label.length <= letters ? label : `${label.slice(0, letters - 1)}…`;
}
