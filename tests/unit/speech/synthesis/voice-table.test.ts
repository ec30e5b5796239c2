import { describe, expect, it } from "vitest";
import { VoiceUnknownError } from "../../../../services/speech/errors.ts";
import { espeakVoices } from "../../../../services/speech/synthesis/espeak/espeak-voices.ts";
import { createVoiceTable, openAiVoices } from "../../../../services/speech/synthesis/voice-table.ts";

describe("createVoiceTable", () => {
  const table = createVoiceTable([
    { name: "Elif", id: "tr+f2", alsoCalled: ["coral"] },
    { name: "deniz", id: "tr" },
  ]);

  it("finds a voice by its name, by the engine's word and by other names, in any case", () => {
    for (const name of ["Elif", "elif", " ELIF ", "tr+f2", "coral"]) expect(table.idOf(name)).toBe("tr+f2");
    expect(table.idOf("Deniz")).toBe("tr");
  });

  it("takes the first where none is named", () => {
    expect([table.idOf(undefined), table.idOf("")]).toEqual(["tr+f2", "tr+f2"]);
  });

  it("has a voice for every name a stock client may send", () => {
    for (const name of openAiVoices) expect(["tr", "tr+f2"]).toContain(table.idOf(name));
    for (const name of openAiVoices) expect(espeakVoices.idOf(name)).toMatch(/^tr/);
  });

  it("refuses others and says which there are", () => {
    expect(() => table.idOf("zeki")).toThrow(VoiceUnknownError);
    expect(() => table.idOf("zeki")).toThrow("Elif, deniz");
  });
});
