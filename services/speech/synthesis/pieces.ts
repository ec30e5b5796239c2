/** What is spoken at one go. */
export interface Piece {
  readonly text: string;
  /** Silence the punctuation at its end asks for, at the voice's own speed. */
  readonly pauseMs: number;
}

/** Characters. About 4 s of speech: whoever waits for the first sound waits for nobody's longer one. */
const firstPieceLimit = 60;
/** Characters. About 8 s of speech. */
const pieceLimit = 120;

/** The end of a clause: punctuation, closing quotes and brackets, then white space. */
const clauseEnd = /[.!?…,;:—–]+["'”’»)\]]*\s+/gu;

/**
 * Cuts a text where a reader would breathe: at the last clause end within the limit, else between words, else anywhere.
 * The pieces read one after the other are the text. The first is shorter, so that sound comes early.
 * @param text read aloud as it is; blank gives no pieces
 */
export function splitIntoPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let rest = text.trim(); rest !== ""; ) {
    const end = pieceEnd(rest, pieces.length === 0 ? firstPieceLimit : pieceLimit);
    const piece = rest.slice(0, end).trim();
    pieces.push({ text: piece, pauseMs: pauseAfter(piece) });
    rest = rest.slice(end).trimStart();
  }
  return pieces;
}

function pieceEnd(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  const ends = [...text.slice(0, pieceLimit + 1).matchAll(clauseEnd)].map(({ 0: mark, index }) => index + mark.length);
  const clause = ends.findLast((end) => end <= limit + 1) ?? ends[0];
  if (clause !== undefined) return clause;
  if (text.length <= pieceLimit) return text.length;
  const word = text.slice(0, pieceLimit + 1).search(/\s\S*$/u);
  if (word > 0) return word;
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(pieceLimit - 1));
  return splitsPair ? pieceLimit - 1 : pieceLimit;
}

/** What espeak pauses inside a text, measured at its own speed; at the end of a text it does not pause at all. */
function pauseAfter(piece: string): number {
  const mark = /[.!?…,;:—–]+(?=["'”’»)\]]*$)/u.exec(piece)?.[0] ?? "";
  if (/[.!?]$/.test(mark)) return 320;
  if (/[;:…]$/.test(mark)) return 240;
  return mark === "" ? 0 : 150;
}
