import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { splitLines } from "../../../services/batch/split-lines.ts";

const limits = { maxFileBytes: 1000, maxLines: 4 };

async function* pieces(...given: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of given) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

async function linesOf(...given: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  return await Readable.from(splitLines(pieces(...given), limits)).toArray();
}

describe("lines of an upload", () => {
  it("are exactly what came, line ends and all", async () => {
    expect(await linesOf("bir\r\n\niki", "\nüç")).toEqual(["bir\r\n", "\n", "iki\n", "üç"]);
    expect(await linesOf("")).toEqual([]);
  });

  it("lose a byte order mark, which no JSON may begin with", async () => {
    expect(await linesOf(Buffer.from("\ufeff{}\n"))).toEqual(["{}\n"]);
  });

  it("are put together again where a piece ends in the middle of a letter", async () => {
    const bytes = Buffer.from("ağaç\n");
    expect(await linesOf(bytes.subarray(0, 2), bytes.subarray(2))).toEqual(["ağaç\n"]);
  });

  it.each([
    ["a letter cut short", Buffer.from([0x61, 0xc4])],
    ["bytes that are no UTF-8", Buffer.from([0xff, 0x0a])],
    ["NUL", Buffer.from("a\0b\n")],
  ])("are refused when they hold %s", async (_what, bytes) => {
    await expect(linesOf(bytes)).rejects.toMatchObject({ code: "file_refused", status: 400 });
  });

  it.each([
    ["bytes", "x".repeat(1001)],
    ["lines", "a\nb\nc\nd\ne"],
  ])("are refused when there are too many %s", async (_what, text) => {
    await expect(linesOf(text)).rejects.toMatchObject({ code: "file_too_large", status: 413 });
  });

  it("are refused when one is too long, before all of it has come", async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++;
        yield Buffer.alloc(262_144, "x");
      }
    }
    const wide = { maxFileBytes: 1_000_000_000, maxLines: 10 };
    await expect(Readable.from(splitLines(endless(), wide)).toArray()).rejects.toMatchObject({
      code: "file_too_large",
    });
    expect(taken).toBeLessThan(10);
  });
});
