import { expect, it } from "vitest";
import { type TurnEvent, type TurnResult, turnResult } from "../../../services/conversation/index.ts";

const result = { response: "Merhaba" } as TurnResult;

it("a whole reply lets its turn come to its own end", async () => {
  let leftEarly = true;
  async function* turn(): AsyncGenerator<TurnEvent> {
    yield { type: "text-delta", text: "Merhaba" };
    yield { type: "end", result };
    leftEarly = false;
  }
  expect(await turnResult(turn(), () => undefined)).toBe(result);
  expect(leftEarly).toBe(false);
});

it("a turn without its end is no reply", async () => {
  async function* turn(): AsyncGenerator<TurnEvent> {
    yield { type: "text-delta", text: "Mer" };
  }
  await expect(turnResult(turn(), () => undefined)).rejects.toThrow("without its end");
});
