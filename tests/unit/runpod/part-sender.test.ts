import { describe, expect, it } from "vitest";
import { PartSender } from "../../../services/runpod/part-sender.ts";
import { settle } from "../../support/macrotask.ts";

/** Posts as it is told, one answer each; `true` after the last. */
function sender(...arrives: readonly boolean[]) {
  const posted: string[] = [];
  const parts = new PartSender(async (text) => {
    posted.push(text);
    return arrives[posted.length - 1] ?? true;
  });
  const push = async (text: string): Promise<void> => {
    parts.push(text);
    await settle();
  };
  return { parts, posted, push };
}

describe("the pieces of a reply", () => {
  it("go out one by one where there is time between them", async () => {
    const { parts, posted, push } = sender();
    for (const piece of ["bir ", "iki"]) await push(piece);
    expect(await parts.end()).toBe(true);
    expect(posted).toEqual(["bir ", "iki"]);
  });

  it("gather while one is on its way", async () => {
    const { parts, posted } = sender();
    for (const piece of ["bir ", "iki ", "üç"]) parts.push(piece);
    await parts.end();
    expect(posted).toEqual(["bir ", "iki üç"]);
  });

  it("are sent again with the next when they did not arrive", async () => {
    const { parts, posted, push } = sender(false);
    for (const piece of ["bir ", "iki ", "üç"]) await push(piece);
    expect(await parts.end()).toBe(true);
    expect(posted).toEqual(["bir ", "bir iki ", "üç"]);
  });

  it("stay away after two in a row that did not arrive: the outcome must not wait", async () => {
    const { parts, posted, push } = sender(false, false);
    for (const piece of ["bir ", "iki ", "üç"]) await push(piece);
    expect(await parts.end()).toBe(false);
    expect(posted).toEqual(["bir ", "bir iki "]);
  });

  it("are counted anew after one that arrived", async () => {
    const { parts, posted, push } = sender(false, true, false, true);
    for (const piece of ["a", "b", "c", "d"]) await push(piece);
    await parts.end();
    expect(posted).toEqual(["a", "ab", "c", "cd"]);
  });

  it("are none where nothing was said", async () => {
    const { parts, posted } = sender();
    expect(await parts.end()).toBe(false);
    expect(posted).toEqual([]);
  });

  it("take a fault of the way for not having arrived", async () => {
    const parts = new PartSender(() => Promise.reject(new Error("kapalı")));
    parts.push("bir");
    expect(await parts.end()).toBe(false);
  });
});
