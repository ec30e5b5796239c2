import { type Static, Type } from "typebox";
import type { RunRequest } from "../serverless/index.ts";

const week = 604_800_000;
const millis = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));

/** `/run` and `/runsync`. What else stands at the top level is left unread, as in the API this one follows. */
export const RunBody = Type.Object(
  {
    input: Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          "prompt, messages?, max_new_tokens?, temperature?, top_p?, top_k?, repetition_penalty?, do_sample?, sector?",
      },
    ),
    webhook: Type.Optional(
      Type.String({ maxLength: 2048, description: "Sonuç bu adrese gönderilir (https). The outcome is posted there." }),
    ),
    policy: Type.Optional(
      Type.Object(
        {
          executionTimeout: millis(5_000, week, "En uzun çalışma süresi, ms. Longest run."),
          ttl: millis(10_000, week, "Sırada en uzun bekleme, ms. Longest wait for the start."),
          lowPriority: Type.Optional(
            Type.Boolean({ description: "Sırada başka iş yokken alınır. Runs when nothing else waits." }),
          ),
        },
        { additionalProperties: true },
      ),
    ),
  },
  { additionalProperties: true },
);
export type RunBody = Static<typeof RunBody>;

const State = Type.Enum(["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"]);

export const RunReply = Type.Object({
  delayTime: Type.Optional(Type.Integer({ description: "Sırada geçen süre, ms." })),
  executionTime: Type.Optional(Type.Integer({ description: "Çalışma süresi, ms." })),
  id: Type.String(),
  output: Type.Optional(
    Type.Object(
      {},
      { additionalProperties: true, description: "{response, messages, status} ya da {error, error_type, status}" },
    ),
  ),
  status: State,
});

export const StreamReply = Type.Object({
  status: State,
  stream: Type.Array(Type.Object({ output: Type.String() })),
});

const count = Type.Integer({ minimum: 0 });
export const HealthReply = Type.Object({
  jobs: Type.Object({ completed: count, failed: count, inProgress: count, inQueue: count, retried: count }),
  workers: Type.Object({ idle: count, initializing: count, ready: count, running: count, throttled: count }),
});

export const PurgeReply = Type.Object({ removed: count, status: Type.Literal("completed") });

export const EndpointParams = Type.Object({ endpoint: Type.String() });
export const RunParams = Type.Object({ endpoint: Type.String(), id: Type.String() });

/** Milliseconds, 1 000–300 000. */
export const WaitQuery = Type.Object({
  wait: Type.Optional(
    Type.String({
      pattern: "^([1-9]\\d{3,4}|[12]\\d{5}|300000)$",
      default: "90000",
      description: "Sonuç en çok bu kadar beklenir, ms: 1000–300000.",
    }),
  ),
});

export function waitMsOf({ wait = "90000" }: Static<typeof WaitQuery>): number {
  return Number(wait);
}

export function runRequestOf({ input, webhook, policy }: RunBody): RunRequest {
  return { input, ...(webhook === undefined ? {} : { webhook }), ...(policy === undefined ? {} : { policy }) };
}
