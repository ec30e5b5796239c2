import { normalizeForSpeech } from "./normalize.ts";
import type { Prosody, SpeechSegment, SpokenSegment } from "./segment.ts";
import { SpeechChunker } from "./speech-chunker.ts";
import { parseSsml } from "./ssml.ts";

export interface SpeechSegmentsOptions extends Partial<Prosody> {
  /** Longest text of one segment; default 400. */
  readonly maxCharacters?: number;
  /** Words a first clause must have to be a segment of its own, for an early first sound; 0 = whole sentences. Default 4. */
  readonly firstClauseWords?: number;
}

/**
 * One text as a synthesiser is to speak it: written Turkish in words, sentence by sentence; or SSML, where the text begins with `<speak`.
 * @returns nothing where there is nothing to say ("🙂", "---")
 * @throws {SsmlInvalidError} begins with `<speak` and is not SSML
 */
export function speechSegments(text: string, options: SpeechSegmentsOptions = {}): readonly SpeechSegment[] {
  const prosody = { speed: options.speed ?? 1, pitch: options.pitch ?? 1, volume: options.volume ?? 1 };
  const segments = isSsml(text) ? parseSsml(text, prosody) : [{ text: normalizeForSpeech(text), ...prosody }];
  return segments.flatMap<SpeechSegment>((segment, index) =>
    "pauseMs" in segment ? [segment] : sentencesOf(segment, { ...options, first: index === 0 }),
  );
}

/** Whether `speechSegments` takes it for SSML: it begins with `<speak`, or as only an XML document does. */
export function isSsml(text: string): boolean {
  return /^\s{0,64}<(?:speak[\s/>]|\?xml\s|!DOCTYPE\s)/u.test(text);
}

function sentencesOf(
  segment: SpokenSegment,
  options: SpeechSegmentsOptions & { readonly first: boolean },
): readonly SpokenSegment[] {
  const chunker = new SpeechChunker({
    maxCharacters: options.maxCharacters ?? 400,
    firstClauseWords: options.first ? (options.firstClauseWords ?? 4) : 0,
  });
  return [...chunker.push(segment.text), ...chunker.flush()].map(({ text }) => ({ ...segment, text }));
}
