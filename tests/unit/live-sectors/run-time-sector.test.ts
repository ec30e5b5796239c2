import { describe, expect, it } from "vitest";
import { exampleLimits, readExampleTexts, readSector } from "../../../services/routing/live/run-time-sector.ts";
import { examplesOf, newSector } from "./parts.ts";

describe("a new sector", () => {
  it("gets a system prompt and an English name where none is given", () => {
    expect(readSector(newSector("sports", { name: { tr: "Spor Kulüpleri" } }))).toMatchObject({
      name: { tr: "Spor Kulüpleri", en: "Spor Kulüpleri" },
      systemPrompt: "Sen spor kulüpleri konusunda yardımcı olan bir Türkçe asistansın.",
    });
  });

  it("keeps what it is given", () => {
    const given = { name: { tr: "Spor", en: "Sports" }, systemPrompt: "Spor de.", threshold: 0.4 };
    expect(readSector(newSector("sports", given))).toMatchObject(given);
  });

  it.each([
    "Sports",
    "1sports",
    "spor-kulübü",
    "",
    "out_of_scope",
    "follow_up",
    "auto",
    "none",
    "a".repeat(65),
    "../x",
  ])("is refused under the id %j", (id) => {
    expect(() => readSector(newSector(id))).toThrow(
      expect.objectContaining({ code: "sector_invalid", status: 400, param: "id" }),
    );
  });

  it("is refused without a Turkish name", () => {
    expect(() => readSector(newSector("sports", { name: { tr: "  " } }))).toThrow(
      expect.objectContaining({ code: "sector_invalid", param: "name" }),
    );
  });
});

describe("examples", () => {
  it("count once whatever their case, punctuation, spaces and Unicode form are", () => {
    const twins = ["Işık Spor açık mı?", "ışık spor  açık mı", "IŞIK SPOR AÇIK MI!!".normalize("NFD")];
    const texts = readExampleTexts([...examplesOf("x"), ...twins]);
    expect(texts).toHaveLength(31);
    expect(texts.at(-1)).toBe("Işık Spor açık mı?");
  });

  it("are kept as NFC, without the white space around them", () => {
    const [first] = readExampleTexts([" çim saha \n".normalize("NFD"), ...examplesOf("x")]);
    expect(first).toBe("çim saha".normalize("NFC"));
  });

  it.each([
    ["29 different ones", examplesOf("x", 0, 29)],
    ["30 of which two are alike", [...examplesOf("x", 0, 29), "SORU0 x hakkında"]],
    ["30 of which one is empty", [...examplesOf("x", 0, 29), " … "]],
    ["more than may be kept", examplesOf("x", 0, exampleLimits.most + 1)],
    ["one that is too long", [...examplesOf("x"), "a".repeat(exampleLimits.characters + 1)]],
    ["too few different words", examplesOf("x").map((_, at) => `bir iki ${"üç ".repeat(at)}`)],
  ])("are refused: %s", (_, texts) => {
    expect(() => readExampleTexts(texts)).toThrow(
      expect.objectContaining({ code: "sector_invalid", status: 400, param: "examples" }),
    );
  });
});
