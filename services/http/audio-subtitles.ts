import type { TranscriptSegment } from "../speech/index.ts";

/** One caption on the screen. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Two lines of 42 characters, and no longer on the screen than they take to read. */
const maxCharacters = 84;
const lineCharacters = 42;
const longestMs = 7000;

/** A transcript in captions: along its words where their times are known, else segment by segment. */
export function cuesOf(segments: readonly TranscriptSegment[]): readonly Cue[] {
  return segments.flatMap(({ words, ...segment }) => (words.length === 0 ? [segment] : alongWords(words)));
}

export function renderSrt(cues: readonly Cue[]): string {
  return cues.map((cue, index) => `${index + 1}\n${span(cue, ",")}\n${twoLines(cue.text)}\n\n`).join("");
}

export function renderVtt(cues: readonly Cue[]): string {
  return `WEBVTT\n\n${cues.map((cue) => `${span(cue, ".")}\n${escaped(twoLines(cue.text))}\n\n`).join("")}`;
}

function alongWords(words: TranscriptSegment["words"]): readonly Cue[] {
  const cues: Cue[] = [];
  for (const { text, startMs, endMs } of words) {
    const last = cues.at(-1);
    const joined = last === undefined ? text : `${last.text} ${text}`;
    if (last !== undefined && joined.length <= maxCharacters && endMs - last.startMs <= longestMs)
      cues.splice(-1, 1, { startMs: last.startMs, endMs, text: joined });
    else cues.push({ startMs, endMs, text });
  }
  return cues;
}

/** Broken at the blank nearest to the middle, where it is too long for one line. */
function twoLines(text: string): string {
  if (text.length <= lineCharacters) return text;
  const middle = text.length / 2;
  let at = -1;
  for (let blank = text.indexOf(" "); blank >= 0; blank = text.indexOf(" ", blank + 1))
    if (at < 0 || Math.abs(blank - middle) < Math.abs(at - middle)) at = blank;
  return at < 0 ? text : `${text.slice(0, at)}\n${text.slice(at + 1)}`;
}

/** In WebVTT these begin markup. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function span({ startMs, endMs }: Cue, point: string): string {
  return `${clock(startMs, point)} --> ${clock(endMs, point)}`;
}

function clock(ms: number, point: string): string {
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, "0");
  const whole = Math.round(ms);
  return `${part(whole / 3_600_000, 2)}:${part((whole / 60_000) % 60, 2)}:${part((whole / 1000) % 60, 2)}${point}${part(whole % 1000, 3)}`;
}
