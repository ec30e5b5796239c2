/** Part of a recording, mono, -1…1, at the recording's own rate. May be empty: a reader that has looked at much and found nothing yet says so. */
export interface DecodedPiece {
  readonly samples: Float32Array;
  /** Hz; may change between pieces of files that were glued together. Of an empty piece it means nothing. */
  readonly sampleRate: number;
}

export const nothingYet: DecodedPiece = { samples: new Float32Array(0), sampleRate: 0 };
