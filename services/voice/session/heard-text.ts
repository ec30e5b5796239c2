/** One piece of a reply as it was spoken. */
export interface SpokenSegment {
  readonly text: string;
  /** Its audio, ms. */
  readonly audioMs: number;
  /** Whether all its audio was made; if not, it would have been longer. */
  readonly whole: boolean;
}

/** Speech of which too little was made to know its length takes about so long, ms a character. */
const characterMs = 65;

/**
 * Where somebody stopped listening. The last piece is cut between words, in proportion to its audio: what was begun and not finished was
 * not heard.
 * @param segments in the order they were spoken; their audio lies end to end
 * @param playedMs how much of that audio was played
 */
export function heardText(
  segments: readonly SpokenSegment[],
  playedMs: number,
): { readonly heard: string; readonly unheard: string } {
  let left = playedMs;
  let heard = "";
  for (const [at, { text, audioMs, whole }] of segments.entries()) {
    if (whole && left >= audioMs) {
      left -= audioMs;
      heard += text;
      continue;
    }
    const length = whole ? audioMs : Math.max(audioMs, text.length * characterMs);
    const cut = wordBoundary(text, length === 0 ? 0 : left / length);
    const after = segments.slice(at + 1).map((segment) => segment.text);
    return { heard: heard + text.slice(0, cut), unheard: text.slice(cut) + after.join("") };
  }
  return { heard, unheard: "" };
}

/** @param share 0–1 of the text @returns where its last word ends that lies within the share */
function wordBoundary(text: string, share: number): number {
  const most = Math.floor(text.length * Math.min(1, share));
  let end = 0;
  for (const word of text.matchAll(/\S+/g)) {
    const after = word.index + word[0].length;
    if (after > most) break;
    end = after;
  }
  return end;
}
