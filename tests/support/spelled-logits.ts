import { parseTokens, type Tokens } from "../../services/speech/recognition/embedded/tokens.ts";

/** As models/speech/tokens.txt. */
export const tokensText = ["<blk>", "▁", ..."abcçdefgğhıijklmnoöprsştuüvyz"]
  .map((symbol, number) => `${symbol} ${number}\n`)
  .join("");

export const tokens: Tokens = parseTokens(tokensText);

/**
 * What a network would say: a frame for each entry, as symbols and their probabilities; the rest is shared by all others.
 * `_` is the blank.
 */
export function logitsOf(frames: readonly Readonly<Record<string, number>>[]): Float32Array {
  const symbols = tokens.symbols.length;
  const logits = new Float32Array(frames.length * symbols);
  for (const [frame, said] of frames.entries()) {
    const named = Object.entries(said);
    const rest = 1 - named.reduce((sum, [, p]) => sum + p, 0);
    const each = Math.max(rest, 1e-9) / (symbols - named.length);
    logits.fill(Math.log(each), frame * symbols, (frame + 1) * symbols);
    for (const [symbol, p] of named) logits[frame * symbols + numberOf(symbol)] = Math.log(p);
  }
  return logits;
}

/** One frame a symbol, each with the same probability: `"_a_"` is blank, a, blank. */
export function spelled(symbols: string, p = 0.97): Float32Array {
  return logitsOf([...symbols].map((symbol) => ({ [symbol]: p })));
}

function numberOf(symbol: string): number {
  return symbol === "_" ? tokens.blank : tokens.symbols.indexOf(symbol);
}
