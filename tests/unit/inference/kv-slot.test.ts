import { describe, expect, it } from "vitest";
import { bestSlot, KvSlot } from "../../../services/inference/llama/kv-slot.ts";

function slotWith(sequence: number, tokens: readonly number[], lastUsed = 0): KvSlot {
  const slot = new KvSlot(sequence);
  slot.append(tokens);
  slot.lastUsed = lastUsed;
  return slot;
}

describe("KvSlot", () => {
  it("offers the tokens a prompt shares with it from the start", () => {
    expect(slotWith(0, [1, 2, 3, 4]).reusableFor([1, 2, 9, 4])).toBe(2);
  });

  it("always leaves the last prompt token to be computed, for its logits", () => {
    expect(slotWith(0, [1, 2, 3]).reusableFor([1, 2, 3])).toBe(2);
    expect(slotWith(0, [1]).reusableFor([1])).toBe(0);
  });

  it("offers nothing to an empty prompt and nothing when empty", () => {
    expect(slotWith(0, [1, 2]).reusableFor([])).toBe(0);
    expect(new KvSlot(0).reusableFor([1, 2])).toBe(0);
  });

  it("forgets what lies behind a cut-off", () => {
    const slot = slotWith(0, [1, 2, 3, 4]);
    slot.keep(2);
    expect(slot.length).toBe(2);
    expect(slot.reusableFor([1, 2, 3, 4])).toBe(2);
  });

  it("never offers what moved in a context shift", () => {
    const slot = slotWith(0, [1, 2, 3, 4, 5, 6]);
    slot.cut(2, 2);
    expect(slot.length).toBe(4);
    expect(slot.reusableFor([1, 2, 5, 6, 7])).toBe(2);
    slot.append([7]);
    expect(slot.reusableFor([1, 2, 5, 6, 7, 8])).toBe(2);
  });

  it("offers new tokens again once the shifted ones are gone", () => {
    const slot = slotWith(0, [1, 2, 3, 4, 5, 6]);
    slot.cut(2, 2);
    slot.keep(2);
    slot.append([8, 9]);
    expect(slot.reusableFor([1, 2, 8, 9, 10])).toBe(4);
  });
});

describe("bestSlot", () => {
  it("chooses the idle slot that saves most of the prompt", () => {
    const slots = [slotWith(0, [1, 9]), slotWith(1, [1, 2, 3]), slotWith(2, [])];
    expect(bestSlot(slots, [1, 2, 3, 4])?.sequence).toBe(1);
  });

  it("never chooses a busy slot, however much it would save", () => {
    const best = slotWith(0, [1, 2, 3]);
    best.busy = true;
    expect(bestSlot([best, slotWith(1, [])], [1, 2, 3, 4])?.sequence).toBe(1);
    expect(bestSlot([best], [1, 2, 3, 4])).toBeUndefined();
  });

  it("among equals sacrifices the one unused for longest", () => {
    const slots = [slotWith(0, [7], 30), slotWith(1, [8], 10), slotWith(2, [9], 20)];
    expect(bestSlot(slots, [1, 2])?.sequence).toBe(1);
  });
});
