import { expect, it } from "vitest";
import { mapBounded } from "../../../services/engine-client/map-bounded.ts";
import { settle } from "../../support/macrotask.ts";

it("begins no more work once one has failed", async () => {
  const begun: number[] = [];
  const mapped = mapBounded([0, 1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    await settle(1);
    if (item === 1) throw new Error("refused");
    return item;
  });
  await expect(mapped).rejects.toThrow("refused");
  await settle(10);
  // Of the three that began together, the first may have gone on before the second failed.
  expect(begun.length).toBeLessThanOrEqual(4);
});

it("answers in the items' order, whichever was ready first", async () => {
  const turns = [5, 1, 3];
  expect(
    await mapBounded(turns, 3, async (wait) => {
      await settle(wait);
      return wait * 10;
    }),
  ).toEqual([50, 10, 30]);
});
