import { expect, it } from "vitest";
import { countedLimiter } from "../../../services/access/limits/counted-limiter.ts";
import { createMemoryRateLimiter } from "../../../services/access/limits/memory-rate-limiter.ts";

it("tells of each refusal by the limit that was reached, and of nothing that passes", async () => {
  const refused: string[] = [];
  const limiter = countedLimiter(createMemoryRateLimiter(), (limit) => refused.push(limit));
  const rules = [{ name: "user_hour", max: 1, windowMs: 3_600_000 }];
  expect((await limiter.take("user:ayşe", rules)).allowed).toBe(true);
  expect((await limiter.take("user:ayşe", rules)).allowed).toBe(false);
  const give = await limiter.enter("user:ayşe", 1);
  expect(await limiter.enter("user:ayşe", 1)).toBeUndefined();
  give?.();
  await limiter.enter("voice:key", 1);
  await limiter.enter("voice:key", 1);
  await limiter.enter("waits:key:a", 1);
  await limiter.enter("waits:key:a", 1);
  expect(refused).toEqual(["user_hour", "streams", "sessions", "waits"]);
});
