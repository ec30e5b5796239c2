import { describe, expect, it } from "vitest";
import { decodeG711, encodeG711, type G711Law } from "../../../../services/speech/audio/g711.ts";

const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
const everySample = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);

describe("G.711", () => {
  it("says silence and the loudest samples as the standard does", () => {
    expect([...encodeG711(Int16Array.of(0, 32_767, -32_768), "mulaw")]).toEqual([0xff, 0x80, 0x00]);
    expect([...encodeG711(Int16Array.of(0, -1, 32_767, -32_768), "alaw")]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
    expect([...decodeG711(Uint8Array.of(0xff, 0x7f, 0x80, 0x00), "mulaw")]).toEqual([0, 0, 32_124, -32_124]);
    expect([...decodeG711(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a), "alaw")]).toEqual([8, -8, 32_256, -32_256]);
  });

  it.each<G711Law>(["mulaw", "alaw"])("gives every %s code back that it is given", (law) => {
    const back = encodeG711(decodeG711(codes, law), law);
    // µ-law has two zeros; the negative one becomes the other.
    expect([...back].filter((code, at) => code !== at)).toEqual(law === "mulaw" ? [0xff] : []);
  });

  it.each<G711Law>(["mulaw", "alaw"])("is with %s never off by more than a thirty-second of the sample", (law) => {
    const back = decodeG711(encodeG711(everySample, law), law);
    const worst = everySample.map((sample, at) => Math.abs(sample - (back[at] as number)) - Math.abs(sample) / 32);
    expect(Math.max(...worst.subarray(0, 32_768), ...worst.subarray(32_768))).toBeLessThanOrEqual(8);
  });
});
