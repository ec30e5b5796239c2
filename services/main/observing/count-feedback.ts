import { type FeedbackStore, readRatedReplies } from "../../feedback/index.ts";
import type { Disposal } from "../../foundation/index.ts";
import type { GatewayMetrics } from "../../observability/index.ts";
import type { Database } from "../../storage/index.ts";

/** The row of the reply that feedback is about is written behind the reply: it is looked for a little later. */
const laterMs = 2_000;
/** What waits to be counted; beyond it the adapter is not looked up. */
const mostWaiting = 1_000;

/** The same store; what it takes is counted once it is known which reply it is about. @param onAdded told of each */
export function countedFeedback(
  store: FeedbackStore,
  parts: { readonly database: Database; readonly metrics: Pick<GatewayMetrics, "rated">; readonly onAdded: () => void },
  disposal: Disposal,
): FeedbackStore {
  const { database, metrics, onAdded } = parts;
  const waiting = new Map<string, { readonly sector: string | null; readonly rating: number }>();
  let timer: NodeJS.Timeout | undefined;
  const count = async (): Promise<void> => {
    timer = undefined;
    const batch = new Map(waiting);
    waiting.clear();
    const known = await readRatedReplies(database, [...batch.keys()]).catch(() => []);
    for (const reply of known) {
      metrics.rated(reply);
      batch.delete(reply.id);
    }
    for (const { sector, rating } of batch.values()) metrics.rated({ sector, adapter: null, rating });
  };
  disposal.own(undefined, () => clearTimeout(timer));
  return {
    ...store,
    add: async (feedback, key) => {
      const added = await store.add(feedback, key);
      if (!added.isNew) return added;
      onAdded();
      const { sector, rating } = feedback;
      if (waiting.size >= mostWaiting) metrics.rated({ sector, adapter: null, rating });
      else {
        waiting.set(added.id, { sector, rating });
        timer ??= setTimeout(() => void count(), laterMs).unref();
      }
      return added;
    },
  };
}
