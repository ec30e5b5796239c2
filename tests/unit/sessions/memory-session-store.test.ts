import { expect, it } from "vitest";
import { createMemorySessionStore } from "../../../services/sessions/memory-session-store.ts";
import { describeSessionStore } from "../../conformance/session-store.conformance.ts";

describeSessionStore("Memory session store", async (options) => {
  let nowMs = 1_700_000_000_000;
  return {
    store: createMemorySessionStore({ ...options, nowMs: () => nowMs }),
    elapse: async (ms) => {
      nowMs += ms;
    },
  };
});

it("drops the least recently used session when it holds too many", async () => {
  const store = createMemorySessionStore({ ttlS: 60, maxMessages: 10, maxSessions: 2 });
  for (const id of ["a", "b", "a", "c"]) await store.append(id, { sector: id, messages: [] });
  expect(await store.load("b")).toBeUndefined();
  expect(await store.load("a")).toBeDefined();
  expect(await store.load("c")).toBeDefined();
});
