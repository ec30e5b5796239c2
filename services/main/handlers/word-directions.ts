import type { WordDirection } from "../../retrieval/index.ts";
import type { StemVectors } from "../../routing/index.ts";
import { createStemReader } from "../../routing/stem-vectors.ts";
import { maxCharacters, readTextCodes } from "../../routing/text-codes.ts";

/**
 * The router's stem vectors as directions of single words. Each stem is read once; all of them together would take some 10 MB.
 * @param stems undefined: no word has one
 */
export function wordDirections(stems: StemVectors | undefined): WordDirection {
  if (stems === undefined) return () => undefined;
  const reader = createStemReader(stems);
  const codes = new Uint16Array(maxCharacters + 2);
  const known = new Map<string, Float32Array>();
  return (word) => {
    const stem = word.slice(0, stems.stemLetters);
    const before = known.get(stem);
    if (before !== undefined) return before;
    const direction = new Float32Array(reader.dimensions);
    if (!reader.read(codes, readTextCodes(stem, codes), direction)) return undefined;
    known.set(stem, direction);
    return direction;
  };
}
