import type { StemVectors } from "../stem-vectors.ts";
import { decodeWeights, encodeWeights, headerFile, type RouterWeights, tableFile } from "../weights.ts";

/** A trained router as bytes, without the stem vectors it shares with the shipped one: what crosses between threads and lies on the disk. */
export interface PackedWeights {
  readonly header: string;
  readonly table: Uint8Array;
}

export function packWeights(weights: RouterWeights): PackedWeights {
  const files = encodeWeights(weights);
  return { header: files[headerFile], table: files[tableFile] };
}

/** @param stems of the shipped router. @throws {RouterWeightsError} altered, of another schema, or trained with other stem vectors */
export function unpackWeights({ header, table }: PackedWeights, stems: StemVectors | undefined): RouterWeights {
  return decodeWeights(header, table, stems);
}
