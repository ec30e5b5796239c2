import { Counter, Gauge, type Registry } from "prom-client";
import { boundedSets, type Labels, other } from "./labels.ts";

/** A share of what was judged, 0–1, and of what. */
export interface AdapterAccuracy {
  readonly sector: string;
  /** `name@version` */
  readonly adapter: string;
  readonly share: number;
}

/** What was found out about router and adapters; nothing where nobody judged. */
export interface Accuracies {
  /** Undefined: not known. */
  readonly router: number | undefined;
  readonly adapters: readonly AdapterAccuracy[];
}

export interface FeedbackMetrics {
  /** @param facts.rating 1–5 */
  rated(facts: { readonly sector: string | null; readonly adapter: string | null; readonly rating: number }): void;
  /** Replaces what is shown of one source. */
  showAccuracies(source: "feedback" | "evaluation", accuracies: Accuracies): void;
}

const mostRated = 160;

/** What people think of replies, and what follows for router and adapters. */
export function registerFeedbackMetrics(registry: Registry, labels: Labels): FeedbackMetrics {
  const registers = [registry];
  const ratings = new Counter({
    name: "sektor_feedback_ratings_total",
    help: "Feedback taken, by the sector and the adapter (name@version, none) of the reply it is about, and by its rating, 1-5.",
    labelNames: ["sector", "adapter", "rating"],
    registers,
  });
  const router = new Gauge({
    name: "turkish_ai_router_accuracy",
    help: "Share of right sectors: of routed turns with feedback, those nobody called the wrong sector; of the evaluation's messages, the right ones.",
    labelNames: ["source"],
    registers,
  });
  const adapters = new Gauge({
    name: "turkish_ai_adapter_accuracy",
    help: "Share of good replies: of the ratings of an adapter's replies, those of 4 and 5; of the evaluation's answers, those with all their facts.",
    labelNames: ["sector", "adapter_version", "source"],
    registers,
  });
  const fold = boundedSets<Record<"sector" | "adapter" | "rating", string>>(mostRated, (set) => ({
    ...set,
    sector: other,
    adapter: other,
  }));
  const shown = new Map<string, readonly Record<"sector" | "adapter_version" | "source", string>[]>();
  return {
    rated: ({ sector, adapter, rating }) =>
      ratings.inc(
        fold({
          sector: labels.sector(sector ?? "none"),
          adapter: labels.adapter(adapter ?? "none"),
          rating: String(Math.min(5, Math.max(1, Math.round(rating)))),
        }),
      ),
    showAccuracies: (source, accuracies) => {
      if (accuracies.router === undefined) router.remove({ source });
      else router.set({ source }, accuracies.router);
      for (const labelSet of shown.get(source) ?? []) adapters.remove(labelSet);
      const kept: Record<"sector" | "adapter_version" | "source", string>[] = [];
      for (const { sector, adapter, share } of accuracies.adapters) {
        const set = { sector: labels.sector(sector), adapter_version: labels.adapter(adapter), source };
        // A share of several together would say nothing about any of them.
        if (set.sector === other || set.adapter_version === other) continue;
        adapters.set(set, share);
        kept.push(set);
      }
      shown.set(source, kept);
    },
  };
}
