import { type Frames, logAdd, logProbability } from "./frames.ts";
import { emptyWordHash, type LanguageModel, wordHash } from "./language-model.ts";
import type { Tokens } from "./tokens.ts";

const never = Number.NEGATIVE_INFINITY;

export interface BeamSettings {
  /** Beginnings kept after each frame. */
  readonly width: number;
  /** A symbol is tried in a frame only above this ln p. */
  readonly leastLogProbability: number;
  /** A beginning this many nats behind the best is dropped. */
  readonly margin: number;
  /** How much the language model counts beside the sound. */
  readonly languageWeight: number;
  /** Nats a letter earns, against the language model's love of short texts. */
  readonly letterBonus: number;
  /** Share of a word's probability that comes from the list of words rather than from its letters. */
  readonly wordShare: number;
}

/** Chosen on the small check sets of the training (training/README.md, "Speech"). */
export const defaultBeam: BeamSettings = {
  width: 32,
  leastLogProbability: -8,
  margin: 12,
  languageWeight: 0.7,
  letterBonus: 1,
  wordShare: 0.3,
};

/** What a beginning of a transcript says, and what the language model thinks of it; a path to the root spells it. */
interface Spelling {
  readonly symbol: number;
  readonly parent: Prefix | undefined;
  readonly letters: number;
  /** The language model's place after it. */
  readonly context: number;
  readonly wordHash: number;
  /** Language cost of everything before the word in progress. */
  readonly wordsCost: number;
  /** Language cost of the letters of the word in progress. */
  readonly lettersCost: number;
}

/** ln p of the paths that spell a prefix, after a frame. */
interface Paths {
  /** Those that end in a blank. */
  blank: number;
  /** Those that end in the prefix's last symbol. */
  ending: number;
}

interface Prefix {
  readonly spelling: Spelling;
  readonly children: Map<number, Prefix>;
  now: Paths;
  before: Paths;
  /** The frame that `now` belongs to. */
  frame: number;
}

/**
 * The likeliest transcript by sound and language: CTC prefix beam search (Hannun et al. 2014, arXiv:1408.2873), with a model of letters at every letter and
 * the list of words at every end of a word.
 * @returns symbols; no space at either end, none doubled
 */
export function prefixBeamSearch(
  frames: Frames,
  tokens: Tokens,
  language: LanguageModel,
  settings: BeamSettings = defaultBeam,
): number[] {
  const root = unheard({
    symbol: tokens.space,
    parent: undefined,
    letters: 0,
    context: language.start,
    wordHash: emptyWordHash,
    wordsCost: 0,
    lettersCost: 0,
  });
  root.now.blank = 0;
  let beam = [root];
  for (let frame = 0; frame < frames.count; frame++) beam = advance(frame, beam);
  return spell(bestOf(beam));

  function advance(frame: number, beam: readonly Prefix[]): Prefix[] {
    const reached: Prefix[] = [...beam];
    for (const prefix of beam) {
      prefix.before = prefix.now;
      prefix.now = { blank: never, ending: never };
      prefix.frame = frame;
    }
    for (let symbol = 0; symbol < frames.symbols; symbol++) {
      const p = logProbability(frames, frame, symbol);
      if (p < settings.leastLogProbability) continue;
      for (const prefix of beam) {
        const { now, before, spelling } = prefix;
        const either = logAdd(before.blank, before.ending);
        // A space at the beginning or after a space says nothing.
        if (symbol === tokens.blank || (symbol === tokens.space && spelling.symbol === tokens.space))
          now.blank = logAdd(now.blank, either + p);
        else if (symbol === spelling.symbol) {
          now.ending = logAdd(now.ending, before.ending + p);
          if (before.blank > never) extend(prefix, symbol, before.blank + p);
        } else extend(prefix, symbol, either + p);
      }
    }
    return strongest(reached);

    function extend(prefix: Prefix, symbol: number, p: number): void {
      const longer = grow(prefix, symbol);
      if (longer.frame !== frame) {
        longer.now = { blank: never, ending: never };
        longer.frame = frame;
        reached.push(longer);
      }
      longer.now.ending = logAdd(longer.now.ending, p);
    }
  }

  function grow(prefix: Prefix, symbol: number): Prefix {
    const known = prefix.children.get(symbol);
    if (known !== undefined) return known;
    const { spelling } = prefix;
    const lettersCost = spelling.lettersCost + language.letterCost(spelling.context, symbol);
    const closes = symbol === tokens.space;
    const grown = unheard({
      symbol,
      parent: prefix,
      letters: spelling.letters + 1,
      context: language.following(spelling.context, symbol),
      wordHash: closes ? emptyWordHash : wordHash(spelling.wordHash, symbol),
      wordsCost: spelling.wordsCost + (closes ? costOfWord(spelling.wordHash, lettersCost) : 0),
      lettersCost: closes ? 0 : lettersCost,
    });
    prefix.children.set(symbol, grown);
    return grown;
  }

  /** A word is guessed by its letters, or known as a whole: both together. */
  function costOfWord(hash: number, lettersCost: number): number {
    const known = language.wordCost(hash);
    const byLetters = Math.log(1 - settings.wordShare) - lettersCost;
    return known === undefined ? -byLetters : -logAdd(byLetters, Math.log(settings.wordShare) - known);
  }

  function languageScore({ letters, wordsCost, lettersCost }: Spelling): number {
    return settings.letterBonus * letters - settings.languageWeight * (wordsCost + lettersCost);
  }

  function strongest(prefixes: readonly Prefix[]): Prefix[] {
    const scored = prefixes.map((prefix) => ({ prefix, score: heard(prefix) + languageScore(prefix.spelling) }));
    scored.sort((a, b) => b.score - a.score);
    const least = (scored[0]?.score ?? never) - settings.margin;
    return scored
      .slice(0, settings.width)
      .filter(({ score }) => score >= least)
      .map(({ prefix }) => prefix);
  }

  /** The end of the text closes the last word. */
  function bestOf(beam: readonly Prefix[]): Prefix {
    let best = root;
    let most = never;
    for (const prefix of beam) {
      const end = prefix.spelling.symbol === tokens.space ? prefix : grow(prefix, tokens.space);
      const score = heard(prefix) + languageScore(end.spelling);
      if (score > most) {
        best = end;
        most = score;
      }
    }
    return best;
  }

  function spell(prefix: Prefix): number[] {
    const symbols: number[] = [];
    for (let { symbol, parent } = prefix.spelling; parent !== undefined; { symbol, parent } = parent.spelling)
      symbols.push(symbol);
    if (symbols[0] === tokens.space) symbols.shift();
    return symbols.reverse();
  }
}

function unheard(spelling: Spelling): Prefix {
  const nothing = { blank: never, ending: never };
  return { spelling, children: new Map(), now: { ...nothing }, before: { ...nothing }, frame: -1 };
}

/** ln p of everything that spells it. */
function heard({ now }: Prefix): number {
  return logAdd(now.blank, now.ending);
}
