import { describe, expect, it } from "vitest";
import { escapeForEspeak, espeakParameters } from "../../../../services/speech/synthesis/espeak/espeak-parameters.ts";

describe("espeakParameters", () => {
  it("is the voice's own at 1", () => {
    expect(espeakParameters({ speed: 1, pitch: 1, volume: 1 })).toEqual({ rate: 165, pitch: 50, volume: 100 });
  });

  it("stays within what espeak can do", () => {
    expect(espeakParameters({ speed: 0.25, pitch: 0.5, volume: 0 })).toEqual({ rate: 80, pitch: 0, volume: 0 });
    expect(espeakParameters({ speed: 4, pitch: 2, volume: 2 })).toEqual({ rate: 450, pitch: 99, volume: 200 });
  });
});

describe("escapeForEspeak", () => {
  it("turns markup into text, and what would end or confuse the text into spaces", () => {
    expect(escapeForEspeak('<voice name="en">a & b</voice>')).toBe('&lt;voice name="en"&gt;a &amp; b&lt;/voice&gt;');
    expect(escapeForEspeak("evet\0hayır\n\ud800son 😀")).toBe("evet hayır  son 😀");
  });
});
