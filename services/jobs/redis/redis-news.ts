import type { Redis } from "ioredis";
import { within } from "../../foundation/index.ts";
import type { JobNews } from "../job-notes.ts";

/** Who waits looks now and then as well, so a subscription that cannot be had at once is no reason to wait for it. */
const subscribeLimitMs = 1_000;

/**
 * News by publish and subscribe: one connection hears for the whole process, and only of what somebody here waits for.
 * @param subscriber a connection of its own that subscribes again after every outage
 */
export function createRedisNews(publisher: Redis, subscriber: Redis, channelPrefix: string): JobNews {
  const listeners = new Map<string, Set<() => void>>();
  subscriber.on("message", (channel: string) => {
    for (const hear of listeners.get(channel) ?? []) hear();
  });
  return {
    async tell(topic) {
      await publisher.publish(`${channelPrefix}:${topic}`, "").catch(() => undefined);
    },
    async listen(topic, hear) {
      const channel = `${channelPrefix}:${topic}`;
      const existing = listeners.get(channel);
      listeners.set(channel, (existing ?? new Set()).add(hear));
      if (existing === undefined) {
        const subscribed = subscriber.subscribe(channel);
        await within(subscribeLimitMs, subscribed, () => new Error("late")).catch(() => undefined);
      }
      return () => {
        const left = listeners.get(channel);
        left?.delete(hear);
        if (left?.size !== 0) return;
        listeners.delete(channel);
        subscriber.unsubscribe(channel).catch(() => undefined);
      };
    },
  };
}
