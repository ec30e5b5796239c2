import { describe, expect, it } from "vitest";
import { recentHistory } from "../../../services/conversation/index.ts";

const exchanges = (...lengths: readonly number[]) =>
  lengths.flatMap((length, n) => [
    { role: "user", content: `${n}`.padEnd(length, "x") },
    { role: "assistant", content: `${n}`.padEnd(length, "y") },
  ]);
/** Numbers of the exchanges whose question is shown. */
const shown = (history: ReturnType<typeof exchanges>, limits: { messages: number; tokens: number }) =>
  recentHistory(history, limits)
    .filter(({ role }) => role === "user")
    .map(({ content }) => content[0]);

describe("the history that goes into a prompt", () => {
  it("ends with the newest message and begins with a question", () => {
    const history = exchanges(10, 10, 10);
    expect(recentHistory(history, { messages: 3, tokens: 0 })).toEqual(history.slice(4));
    expect(recentHistory(history, { messages: 1, tokens: 0 })).toEqual([]);
    expect(recentHistory(history.slice(1), { messages: 12, tokens: 0 })).toEqual(history.slice(2));
  });

  it("holds as many messages as the limit says, and none where it is 0", () => {
    const history = exchanges(10, 10, 10);
    expect(recentHistory(history, { messages: 4, tokens: 0 })).toEqual(history.slice(2));
    expect(recentHistory(history, { messages: 0, tokens: 0 })).toEqual([]);
    expect(recentHistory([], { messages: 12, tokens: 100 })).toEqual([]);
  });

  it("holds few long messages and many short ones for the same number of tokens", () => {
    // 100 characters are 40 tokens and 4 around them; an exchange of such messages is 88.
    expect(shown(exchanges(100, 100, 100), { messages: 12, tokens: 88 })).toEqual(["2"]);
    expect(shown(exchanges(100, 100, 100), { messages: 12, tokens: 176 })).toEqual(["1", "2"]);
    expect(shown(exchanges(10, 10, 10, 10), { messages: 12, tokens: 88 })).toEqual(["0", "1", "2", "3"]);
  });

  it("leaves nothing out from between: an older short message does not stand before a long one that is left out", () => {
    expect(shown(exchanges(10, 500, 10), { messages: 12, tokens: 100 })).toEqual(["2"]);
  });

  it("is empty when the newest message alone is too long", () => {
    expect(shown(exchanges(10, 1000), { messages: 12, tokens: 100 })).toEqual([]);
  });

  it("is as long as the limit of messages where tokens are not limited", () => {
    expect(shown(exchanges(8000, 8000), { messages: 12, tokens: 0 })).toEqual(["0", "1"]);
  });
});
