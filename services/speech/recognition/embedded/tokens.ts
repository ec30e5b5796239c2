/** What the network's outputs mean. */
export interface Tokens {
  /** By output number; the space is " ". */
  readonly symbols: readonly string[];
  /** The output that says nothing (CTC). */
  readonly blank: number;
  readonly space: number;
}

/**
 * Reads `tokens.txt`: a symbol and its number on each line, in order, `<blk>` for the blank and `▁` for the space, as sherpa-onnx writes them.
 * @throws {TypeError} a line out of order, or blank or space missing
 */
export function parseTokens(text: string): Tokens {
  const symbols = text
    .trimEnd()
    .split(/\r?\n/u)
    .map((line, number) => {
      const [symbol = "", written] = line.split(" ");
      if (Number(written) !== number || symbol === "")
        throw new TypeError(`tokens.txt, line ${number + 1}: a symbol and its number were expected.`);
      return symbol === "▁" ? " " : symbol;
    });
  const blank = symbols.indexOf("<blk>");
  const space = symbols.indexOf(" ");
  if (blank < 0 || space < 0) throw new TypeError("tokens.txt names no <blk> or no ▁.");
  return { symbols, blank, space };
}
