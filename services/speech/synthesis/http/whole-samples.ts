import { int16FromBytes } from "../../audio/samples.ts";

/** 16-bit little-endian samples out of bytes that were cut anywhere. Half a sample at the end is dropped. */
export async function* wholeSamples(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Int16Array, void, void> {
  let half: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces) {
    const bytes = half.length === 0 ? piece : Buffer.concat([half, piece]);
    const even = bytes.length - (bytes.length % 2);
    half = bytes.slice(even);
    if (even > 0) yield int16FromBytes(bytes.subarray(0, even));
  }
}
