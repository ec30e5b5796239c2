import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createProgressBar } from "../../../services/models/index.ts";

function sink(isTTY: boolean): { stream: PassThrough & { isTTY: boolean }; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY });
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { stream, written: () => text };
}

test("writes one plain line every ten per cent where there is no terminal", () => {
  const { stream, written } = sink(false);
  const bar = createProgressBar(stream, { label: "Model" });
  for (let done = 0; done <= 1000; done++) bar.update(done * 1024, 1000 * 1024);
  bar.stop();
  const lines = written().trimEnd().split("\n");
  expect(lines).toHaveLength(11);
  expect(lines[5]).toBe("Model %50 (500 KiB / 1.000 KiB)");
  expect(written()).not.toContain("\u001b");
});

test("still tells something when the size is unknown", () => {
  const { stream, written } = sink(false);
  const bar = createProgressBar(stream);
  bar.update(70 * 2 ** 20, undefined);
  expect(written()).toContain("70 MiB");
});

test("draws a bar on a terminal, and can be stopped twice or unused", () => {
  const { stream, written } = sink(true);
  const bar = createProgressBar(stream, { unit: "count", label: "İstek" });
  bar.update(1, 4);
  bar.update(4, 4);
  bar.stop();
  bar.stop();
  createProgressBar(stream).stop();
  expect(written()).toMatch(/İstek █+ %100 · 4 \/ 4/);
});
