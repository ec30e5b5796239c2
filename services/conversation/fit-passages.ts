import { knowledgePrompt, type PromptPassage } from "./knowledge-prompt.ts";
import { charactersPerToken } from "./token-estimate.ts";

/** A passage cut to fewer characters tells too little to be worth its place. */
const shortestCut = 120;

/**
 * The passages that may join the prompt: system message and passages together take at most half of the context, by an estimate in
 * characters. First the later passages go, then the first one is cut at a word, at last it goes too. The other half belongs to the
 * conversation and the reply; what is too long there is the engine's business (`overflow: "drop-oldest"`).
 * @param given passages that stay whatever they take, before the others
 * @param contextSize tokens; 0 = not known, then everything fits
 */
export function fitPassages<P extends PromptPassage>(
  systemPrompt: string,
  passages: readonly P[],
  contextSize: number,
  given: readonly PromptPassage[] = [],
): readonly P[] {
  if (contextSize <= 0) return passages;
  const room = Math.floor((contextSize / 2) * charactersPerToken);
  const lengthWith = (some: readonly P[]): number => knowledgePrompt(systemPrompt, [...given, ...some]).length;
  for (let count = passages.length; count > 0; count--) {
    const some = passages.slice(0, count);
    if (lengthWith(some) <= room) return some;
  }
  const [first] = passages;
  if (first === undefined) return [];
  const kept = first.text.length - (lengthWith([first]) - room);
  return kept < shortestCut ? [] : [{ ...first, text: cutAtWord(first.text, kept) }];
}

/** A text's beginning of at most `length` characters, "…" included. */
export function cutAtWord(text: string, length: number): string {
  const cut = text.slice(0, length - 1);
  const end = cut.lastIndexOf(" ");
  return `${end > 0 ? cut.slice(0, end) : cut}…`;
}
