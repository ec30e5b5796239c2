import type { JobNews } from "../job-notes.ts";

/** News within one process: the embedded database has no other. */
export function createMemoryNews(): JobNews {
  const listeners = new Map<string, Set<() => void>>();
  return {
    async tell(topic) {
      for (const hear of listeners.get(topic) ?? []) hear();
    },
    async listen(topic, hear) {
      const hearing = listeners.get(topic) ?? new Set();
      listeners.set(topic, hearing.add(hear));
      return () => {
        hearing.delete(hear);
        if (hearing.size === 0 && listeners.get(topic) === hearing) listeners.delete(topic);
      };
    },
  };
}
