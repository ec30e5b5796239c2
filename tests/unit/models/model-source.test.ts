import { expect, test } from "vitest";
import { idOf, parseModelSource, partsOf } from "../../../services/models/model-source.ts";

test("reads paths, addresses and hub names", () => {
  expect(parseModelSource("models/base/m.gguf")).toEqual({ kind: "file", path: "models/base/m.gguf" });
  expect(parseModelSource("C:\\modeller\\m.gguf")).toMatchObject({ kind: "file" });
  expect(parseModelSource("https://example.com/m.gguf")).toMatchObject({ kind: "url" });
  expect(parseModelSource("hf:acme/tiny-GGUF/sub/m.gguf")).toEqual({
    kind: "hub",
    owner: "acme",
    repository: "tiny-GGUF",
    revision: "main",
    file: "sub/m.gguf",
    quantization: undefined,
  });
  expect(parseModelSource("hf:acme/tiny@v2:Q4_K_M")).toMatchObject({
    revision: "v2",
    quantization: "Q4_K_M",
    file: undefined,
  });
  expect(parseModelSource("hf:acme/tiny")).toMatchObject({
    owner: "acme",
    repository: "tiny",
    quantization: undefined,
  });
});

test.each([
  "",
  "   ",
  "hf:",
  "hf:acme",
  "hf:acme/",
  "hf:../tiny/m.gguf",
  "hf:acme/tiny/../../m.gguf",
  "hf:acme/tiny/..\\m.gguf",
  "hf:acme/tiny/readme.md",
  "hf:acme/tiny/",
  "http://",
  "ftp://example.com/m.gguf",
  "file:///m.gguf",
  "m\0.gguf",
])("refuses %j by name", (source) => {
  expect(() => parseModelSource(source)).toThrow(expect.objectContaining({ code: "invalid_model_source" }));
});

test("lists every part of a split model, whichever part is named", () => {
  const parts = ["m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"];
  expect(partsOf("m-00001-of-00003.gguf")).toEqual(parts);
  expect(partsOf("m-00002-of-00003.gguf")).toEqual(parts);
  expect(partsOf("m.gguf")).toEqual(["m.gguf"]);
});

test("names a model after its file", () => {
  expect(idOf("/x/y/Model-Q4_K_M.gguf")).toBe("Model-Q4_K_M");
  expect(idOf("x\\y.GGUF")).toBe("y");
  expect(idOf("m-00001-of-00003.gguf")).toBe("m");
});
