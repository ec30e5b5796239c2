import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Spool } from "../../../services/records/spool.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "sektor-spool-")), "requests");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const open = (options: { maxBytes?: number; segmentBytes?: number } = {}) =>
  new Spool<{ n: number }>(folder, { maxBytes: 1000, segmentBytes: 20, ...options });
const entries = (...numbers: readonly number[]) => numbers.map((n) => ({ n }));
function takeAll(spool: Spool<{ n: number }>): number[] {
  const taken: number[] = [];
  for (let oldest = spool.oldest(); oldest !== undefined; oldest = spool.oldest()) {
    taken.push(...oldest.entries.map(({ n }) => n));
    oldest.forget();
  }
  return taken;
}

it("gives back what was put in, oldest first, and leaves no file behind", () => {
  const spool = open();
  expect(spool.empty).toBe(true);
  for (let n = 0; n < 10; n++) expect(spool.append(entries(n))).toBe(1);
  expect(readdirSync(folder).length).toBeGreaterThan(2);
  expect(takeAll(spool)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([spool.empty, readdirSync(folder)]).toEqual([true, []]);
});

it("holds what a former process left, and goes on behind it", () => {
  const former = open();
  former.append(entries(1, 2));
  former.close();
  const spool = open();
  expect(spool.empty).toBe(false);
  spool.append(entries(3));
  expect(takeAll(spool)).toEqual([1, 2, 3]);
});

it("gives a segment again that was not forgotten", () => {
  const spool = open();
  spool.append(entries(1));
  expect(spool.oldest()?.entries).toEqual([{ n: 1 }]);
  spool.append(entries(2));
  expect(takeAll(spool)).toEqual([1, 2]);
});

it("leaves out a line whose writing was cut short, and nothing else", () => {
  const former = open();
  former.append(entries(1));
  former.close();
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ""), '{"n":');
  const spool = open();
  spool.append(entries(2));
  expect(takeAll(spool)).toEqual([1, 2]);
});

it("gives what is around damaged lines, and sets these aside once the rest was taken", () => {
  const former = open();
  former.append(entries(1, 2));
  former.close();
  const path = join(folder, readdirSync(folder)[0] ?? "");
  const [first = "", second = ""] = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, [first, '{"n":', "7", second, ""].join("\n"));
  const spool = open();
  expect(spool.oldest()).toMatchObject({ entries: [{ n: 1 }, { n: 2 }], damagedLines: 2 });
  expect(takeAll(spool)).toEqual([1, 2]);
  expect(readdirSync(folder)).toEqual(["rows.damaged"]);
  expect(readFileSync(join(folder, "rows.damaged"), "utf8")).toBe('{"n":\n7\n');
  expect(open().empty).toBe(true);
});

it("takes no more than its bytes, the first of what it is given", () => {
  const spool = open({ maxBytes: 25 });
  expect(spool.append(entries(1, 2, 3, 4, 5))).toBe(3);
  expect(spool.append(entries(4))).toBe(0);
  expect(takeAll(spool)).toEqual([1, 2, 3]);
  expect(spool.append(entries(4))).toBe(1);
});

it("keeps what people said from other users of the machine", () => {
  open().append(entries(1));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, readdirSync(folder)[0] ?? "")).mode & 0o777).toBe(0o600);
});
