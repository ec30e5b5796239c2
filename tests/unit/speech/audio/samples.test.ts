import { describe, expect, it } from "vitest";
import { floatToInt16, int16FromBytes, int16ToBytes, int16ToFloat } from "../../../../services/speech/audio/samples.ts";

describe("samples", () => {
  it("come back exactly from the other width, every one of the 65 536", () => {
    const all = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    expect(floatToInt16(int16ToFloat(all))).toEqual(all);
    expect(int16FromBytes(int16ToBytes(all))).toEqual(all);
  });

  it("clips what is too loud, and takes what is no number for silence", () => {
    const loud = Float32Array.of(1, -1, 2, -2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect([...floatToInt16(loud)]).toEqual([32_767, -32_768, 32_767, -32_768, 0, 32_767, -32_768]);
  });

  it("are little-endian on the wire, wherever they lie in a larger buffer, without half a sample at the end", () => {
    const bytes = Uint8Array.of(0, 0, 0x01, 0x02, 0xff, 0x7f, 9).subarray(2);
    expect([...int16FromBytes(bytes)]).toEqual([0x0201, 0x7fff]);
    expect([...int16ToBytes(Int16Array.of(-2))]).toEqual([0xfe, 0xff]);
  });
});
