import { describe, expect, it } from "vitest";
import { ChoicePath } from "../../../services/inference/llama/choice-path.ts";

const end = 99;

describe("the way through several texts", () => {
  it("leaves open what tells them apart, and nothing else", () => {
    const path = new ChoicePath(
      [
        [1, 2, 3],
        [1, 2, 4],
        [5, 6],
      ],
      [end],
    );
    expect(path.allowed).toEqual([1, 5]);
    expect(path.follow(1)).toEqual([1, 2]);
    expect(path.allowed).toEqual([3, 4]);
    expect(path.isOver).toBe(false);
    expect(path.follow(4)).toEqual([4]);
    expect(path.isOver).toBe(true);
  });

  it("says at once what can only come next", () => {
    const path = new ChoicePath([[1, 2, 3, 4]], [end]);
    expect(path.allowed).toEqual([1]);
    expect(path.follow(1)).toEqual([1, 2, 3, 4]);
    expect(path.isOver).toBe(true);
  });

  it("may end where one text is the beginning of another", () => {
    const path = new ChoicePath(
      [
        [1, 2],
        [1, 2, 3],
      ],
      [end],
    );
    expect(path.follow(1)).toEqual([1, 2]);
    expect(path.isOver).toBe(false);
    expect(new Set(path.allowed)).toEqual(new Set([3, end]));
  });

  it("takes the same text twice for one", () => {
    const path = new ChoicePath(
      [
        [1, 2],
        [1, 2],
      ],
      [end],
    );
    expect(path.follow(1)).toEqual([1, 2]);
    expect(path.isOver).toBe(true);
  });

  it("refuses a token that begins none of them", () => {
    expect(() => new ChoicePath([[1]], [end]).follow(2)).toThrow("none of the texts");
  });
});
