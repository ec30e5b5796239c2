import { attachSuffix } from "./harmony.ts";
import { normalizeForSpeech } from "./normalize.ts";
import { interpret } from "./say-as.ts";
import type { PauseSegment, Prosody, SpeechSegment, SpokenSegment } from "./segment.ts";
import { SsmlValueError } from "./ssml-attributes.ts";

/** One piece of a run of speech under the same prosody: as written, or already in words. */
interface Piece {
  text: string;
  readonly spoken: boolean;
}

/** Collects what an SSML document says; neighbours of the same prosody are spoken in one breath. */
export class SsmlSpeech {
  readonly #maxPauseMs: number;
  readonly #segments: SpeechSegment[] = [];
  #pieces: Piece[] = [];
  #prosody: Prosody | undefined;
  #pausedMs = 0;

  /** @param maxPauseMs all breaks together */
  constructor(maxPauseMs: number) {
    this.#maxPauseMs = maxPauseMs;
  }

  /** Text as written. */
  text(text: string, prosody: Prosody): void {
    this.#continueWith(prosody);
    const last = this.#pieces.at(-1);
    if (last !== undefined && !last.spoken) last.text += text;
    else this.#pieces.push({ text, spoken: false });
  }

  /** Text whose reading the document names. */
  interpreted(text: string, interpretAs: string, format: string, prosody: Prosody): void {
    this.#continueWith(prosody);
    this.#pieces.push({ text: interpret(text, interpretAs, format), spoken: true });
  }

  /** @throws {SsmlValueError} more silence than is allowed */
  pause(ms: number): void {
    if (ms === 0) return;
    this.#pausedMs += ms;
    if (this.#pausedMs > this.#maxPauseMs) throw new SsmlValueError("time");
    this.#finish();
    const last = this.#segments.at(-1);
    if (last !== undefined && "pauseMs" in last) this.#segments.splice(-1, 1, { pauseMs: last.pauseMs + ms });
    else this.#segments.push({ pauseMs: ms });
  }

  /** The end of a sentence or paragraph: at least so much silence before what follows. */
  breath(ms: number): void {
    this.#finish();
    const last = this.#segments.at(-1);
    if (last === undefined) return;
    if (!("pauseMs" in last)) this.#segments.push({ pauseMs: ms });
    else this.#segments.splice(-1, 1, { pauseMs: Math.max(last.pauseMs, ms) } satisfies PauseSegment);
  }

  segments(): readonly SpeechSegment[] {
    this.#finish();
    return this.#segments;
  }

  #continueWith(prosody: Prosody): void {
    const same =
      this.#prosody?.speed === prosody.speed &&
      this.#prosody.pitch === prosody.pitch &&
      this.#prosody.volume === prosody.volume;
    if (!same) this.#finish();
    this.#prosody = prosody;
  }

  #finish(): void {
    const text = joined(this.#pieces);
    if (/\p{L}/u.test(text) && this.#prosody !== undefined) {
      const { speed, pitch, volume } = this.#prosody;
      this.#segments.push({ text, speed, pitch, volume } satisfies SpokenSegment);
    }
    this.#pieces = [];
  }
}

/** A suffix behind what was interpreted belongs to it: `<say-as …>5</say-as>'te`. */
function joined(pieces: readonly Piece[]): string {
  let text = "";
  for (const [index, piece] of pieces.entries()) {
    if (piece.spoken) {
      text += ` ${piece.text}`;
      continue;
    }
    const suffix = pieces[index - 1]?.spoken === true ? /^['’](\p{Ll}{1,16})/u.exec(piece.text) : null;
    if (suffix !== null) text = attachSuffix(text, suffix[1] ?? "");
    const rest = piece.text.slice(suffix?.[0].length ?? 0);
    const mark = text === "" ? "" : (/^[,.;:!?…]/u.exec(rest)?.[0] ?? "");
    text += `${mark} ${normalizeForSpeech(rest)}`;
  }
  return text.replace(/\s+/gu, " ").trim();
}
