/** How something is said, relative to the voice's own. */
export interface Prosody {
  /** 0.25–4, 1 = the voice's own. */
  readonly speed: number;
  /** 0.5–2. */
  readonly pitch: number;
  /** 0–2. */
  readonly volume: number;
}

/** What a synthesiser is given, in order: words to say (an `Utterance` but for the voice), or silence. */
export type SpeechSegment = SpokenSegment | PauseSegment;
export interface SpokenSegment extends Prosody {
  /** In words: no digits, signs, abbreviations or markup. */
  readonly text: string;
}
export interface PauseSegment {
  readonly pauseMs: number;
}
