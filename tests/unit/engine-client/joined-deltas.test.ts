import { describe, expect, it } from "vitest";
import { joinedDeltas } from "../../../services/engine-client/joined-deltas.ts";
import type { GenerateEvent, TokenLogprob } from "../../../services/inference/index.ts";

const text = (piece: string, logprobs?: readonly TokenLogprob[]): GenerateEvent => ({
  type: "text-delta",
  text: piece,
  ...(logprobs === undefined ? {} : { logprobs }),
});
const call: GenerateEvent = { type: "tool-call", call: { id: "call_1", name: "saat", arguments: "{}" } };
const token = (word: string): TokenLogprob => ({ token: word, bytes: [...Buffer.from(word)], logprob: -1, top: [] });

describe("pieces of text that came together", () => {
  it("are one, up to whatever else came between them", () => {
    expect([...joinedDeltas([text("Mer"), text("haba"), call, text("!"), text("")])]).toEqual([
      text("Merhaba"),
      call,
      text("!"),
    ]);
    expect([...joinedDeltas([])]).toEqual([]);
  });

  it("keep the log-probability of every token, in order", () => {
    const [mer, haba] = [token("Mer"), token("haba")];
    expect([...joinedDeltas([text("Mer", [mer]), text(" "), text("haba", [haba])])]).toEqual([
      text("Mer haba", [mer, haba]),
    ]);
  });

  it("are told before a failure that came with them", () => {
    function* failing(): Generator<GenerateEvent> {
      yield text("Mer");
      yield text("haba");
      throw new Error("gone");
    }
    const told: GenerateEvent[] = [];
    expect(() => {
      for (const event of joinedDeltas(failing())) told.push(event);
    }).toThrow("gone");
    expect(told).toEqual([text("Merhaba")]);
  });
});
