import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  answerWordsFile,
  decodeAnswerWords,
  encodeAnswerWords,
  loadAnswerWords,
} from "../../../services/retrieval/answer-words.ts";
import { AnswerWordsError } from "../../../services/retrieval/errors.ts";

const words = {
  share: new Map([
    ["kac", 0.02],
    ["nered", 0.01],
  ]),
  draws: new Map([["gun", new Map([["kac", 0.4]])]]),
};

describe("answer words", () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });
  const folderWith = (text?: string): string => {
    folder = mkdtempSync(join(tmpdir(), "answer-words-"));
    if (text !== undefined) writeFileSync(join(folder, answerWordsFile), text);
    return folder;
  };

  it("come back from the file as they went in", () => {
    expect(decodeAnswerWords(encodeAnswerWords(words))).toEqual(words);
    expect(loadAnswerWords(folderWith(encodeAnswerWords(words)))).toEqual(words);
  });

  it("are none where the folder has no file", () => {
    expect(loadAnswerWords(folderWith())).toBeUndefined();
  });

  it("that are shipped can be read, and know what asks for days", () => {
    const shipped = loadAnswerWords(resolve("models/knowledge"));
    expect(shipped?.share.size).toBeGreaterThan(500);
    for (const value of shipped?.share.values() ?? []) expect(value).toBeGreaterThan(0);
  });

  it.each([
    ["no JSON", "{"],
    ["another schema", JSON.stringify({ schema: "x", questionWords: [], shares: [], draws: {} })],
    ["fewer shares than words", encodeAnswerWords(words).replace(/"shares":\[\d+,/, '"shares":[')],
    ["a draw of a word that is not there", encodeAnswerWords(words).replace('"gun":[0,', '"gun":[7,')],
  ])("are refused by name: %s", (_what, text) => {
    expect(() => decodeAnswerWords(text)).toThrow(AnswerWordsError);
  });
});
