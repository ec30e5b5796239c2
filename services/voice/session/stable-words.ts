/** Words that two transcripts of a growing utterance agree on do not change any more. */
export interface StableWords {
  /** @param transcript all that was heard so far @returns what is new and settled, to be added to what was given before; "" for none */
  next(transcript: string): string;
  /** @returns what the final transcript adds to what was given; "" where it contradicts it */
  rest(transcript: string): string;
}

export function createStableWords(): StableWords {
  let before: readonly string[] = [];
  let given: readonly string[] = [];

  const add = (words: readonly string[]): string => {
    if (words.length <= given.length || !startsWith(words, given)) return "";
    const lead = given.length === 0 ? "" : " ";
    const news = lead + words.slice(given.length).join(" ");
    given = words;
    return news;
  };
  return {
    next: (transcript) => {
      const words = wordsOf(transcript);
      const agreed = words.slice(0, commonLength(words, before));
      before = words;
      return add(agreed);
    },
    rest: (transcript) => add(wordsOf(transcript)),
  };
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((word, at) => word !== b[at]);
  return differs < 0 ? a.length : differs;
}

function startsWith(words: readonly string[], head: readonly string[]): boolean {
  return commonLength(head, words) === head.length;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
