import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readJsonLines, setAside } from "../../../services/foundation/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "journal.jsonl");
const isNumber = (value: unknown): value is number => typeof value === "number";

describe("the lines of a journal", () => {
  it("are those that were finished, in order, those that do not belong apart and byte for byte", () => {
    const broken = Buffer.from([0x7b, 0xff, 0x00]);
    writeFileSync(path, Buffer.concat([Buffer.from("1\n"), broken, Buffer.from('\n2\n\n"x"\n3\n4')]));
    expect(readJsonLines(path, isNumber)).toEqual({
      values: [1, 2, 3],
      damaged: [broken, Buffer.alloc(0), Buffer.from('"x"')],
    });
  });

  it("are none where nothing was finished", () => {
    writeFileSync(path, "");
    expect(readJsonLines(path, isNumber)).toEqual({ values: [], damaged: [] });
    writeFileSync(path, "1");
    expect(readJsonLines(path, isNumber)).toEqual({ values: [], damaged: [] });
  });

  it("that are set aside follow those set aside before, for their owner's eyes only", () => {
    const aside = join(folder, "journal.damaged");
    setAside(aside, [Buffer.from([0xff]), "ğ"]);
    setAside(aside, ["x"]);
    expect(readFileSync(aside)).toEqual(Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from("ğ\nx\n")]));
    expect(statSync(aside).mode & 0o077).toBe(0);
  });
});
