import { Type } from "typebox";
import { closed } from "./closed.ts";

const price = (description: string) =>
  Type.Number({ minimum: 0, maximum: 1_000_000, default: 0, description, form: "a price, ≥ 0" });

/** What a request costs; without any price there is no such metric. */
export const pricesSettings = Type.Object(
  {
    currency: Type.String({
      maxLength: 8,
      default: "",
      description: "what the prices are in, such as `USD`; said in the metric's help",
      shownDefault: "none",
    }),
    perGpuHour: price("an hour of the machine the engine runs on"),
    perMillionPromptTokens: price("a million tokens of prompts"),
    perMillionCompletionTokens: price("a million tokens of replies"),
  },
  {
    ...closed,
    title: "what a request costs",
    description:
      "For `turkish_ai_cost_per_request` alone ([how it is reckoned](../metrics.md#cost)); 0: it costs nothing.",
  },
);

/** How many series the metrics may have. */
export const observabilitySettings = Type.Object(
  {
    maxSectors: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 48,
      description: "sectors that have series of their own; those seen later are `other`",
    }),
    maxAdapters: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 64,
      description: "the same for adapter versions",
    }),
  },
  {
    ...closed,
    title: "what the metrics tell apart",
    description: "More of them make `/metrics` longer: [metrics](../metrics.md).",
  },
);
