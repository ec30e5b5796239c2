import { SpeechChunker } from "../../speech/index.ts";

/** A reply as it is written → pieces that can be spoken, which put together are the whole reply, blanks included. */
export interface SpokenText {
  push(delta: string): readonly SpokenPiece[];
  /** The reply is complete. */
  flush(): readonly SpokenPiece[];
}

export interface SpokenPiece {
  readonly text: string;
  /** False: nothing in it can be said. */
  readonly audible: boolean;
}

export function createSpokenText(): SpokenText {
  const chunker = new SpeechChunker();
  let reply = "";
  let given = 0;
  const upTo = (end: number, audible: boolean): SpokenPiece => {
    const text = reply.slice(given, end);
    given = end;
    return { text, audible };
  };
  return {
    push: (delta) => {
      reply += delta;
      return chunker.push(delta).map(({ end }) => upTo(end, true));
    },
    flush: () => {
      const last = chunker.flush().map(({ end }) => upTo(end, true));
      return given === reply.length ? last : [...last, upTo(reply.length, false)];
    },
  };
}
