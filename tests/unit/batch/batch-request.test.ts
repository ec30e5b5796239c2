import { describe, expect, it } from "vitest";
import { RequestCheck } from "../../../services/batch/batch-request.ts";

const endpoint = "/v1/chat/completions";
const line = (changes: object = {}) =>
  JSON.stringify({ custom_id: "a", method: "POST", url: endpoint, body: { messages: [] }, ...changes });

function faultsOf(...lines: readonly string[]) {
  const check = new RequestCheck(endpoint);
  for (const [at, text] of lines.entries()) check.see(text, at + 1);
  return { faults: check.faults, total: check.total };
}

describe("an input file", () => {
  it("may hold blank lines, which are no requests", () => {
    expect(faultsOf(line(), "\n", "  \r\n", line({ custom_id: "b" }))).toEqual({ faults: [], total: 2 });
  });

  it.each([
    ["no JSON", "{", "invalid_json_line", null],
    ["no object", "[]", "invalid_request_line", null],
    ["no custom_id", line({ custom_id: undefined }), "invalid_request_line", "custom_id"],
    ["an empty custom_id", line({ custom_id: "" }), "invalid_request_line", "custom_id"],
    ["another method", line({ method: "GET" }), "invalid_request_line", "method"],
    ["another endpoint", line({ url: "/v1/embeddings" }), "mismatched_endpoint", "url"],
    ["a body that is text", line({ body: "hello" }), "invalid_request_line", "body"],
  ])("is told of a line with %s", (_what, text, code, param) => {
    expect(faultsOf(line({ custom_id: "first" }), text).faults).toEqual([
      { code, param, line: 2, message: expect.any(String) },
    ]);
  });

  it("is told of a custom_id that stands there twice", () => {
    expect(faultsOf(line(), line()).faults).toMatchObject([{ code: "duplicate_custom_id", line: 2 }]);
  });

  it("is told when it is empty", () => {
    expect(faultsOf("", "\n").faults).toMatchObject([{ code: "empty_file", line: null }]);
  });

  it("is not looked at any further after a hundred faults", () => {
    const check = new RequestCheck(endpoint);
    const seen = Array.from({ length: 200 }, (_, at) => check.see("{", at + 1));
    expect(seen.indexOf(false)).toBe(99);
  });
});
