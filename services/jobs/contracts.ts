/** Every job of the platform: what goes in, what comes out, how often it is tried, how long it may take, how long it is kept. */
import { type Static, type TSchema, Type } from "typebox";

const closed = { additionalProperties: false };
const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

export interface JobContract<Payload extends TSchema = TSchema, Result extends TSchema = TSchema> {
  /** Checked when a job is added and again when it is taken: what stands in a queue may have been written by an older version. */
  readonly payload: Payload;
  readonly result: Result;
  /** How often it is tried in all, ≥ 1. A failure of the request itself (`PlatformError` with a 4xx status) is not tried again. */
  readonly attempts: number;
  /** Pause before the second attempt; it doubles with `exponential`. */
  readonly backoff: { readonly type: "fixed" | "exponential"; readonly delayMs: number };
  /** For one attempt; after it the handler's signal fires and the job ends as timed out. */
  readonly timeoutMs: number;
  /** How many a process runs at once. */
  readonly concurrency: number;
  /** How long a job is kept after it ended. */
  readonly retainMs: { readonly completed: number; readonly failed: number };
  /** Most that are kept of each outcome, whatever their age; more than may end within that time, or what is promised is not kept. */
  readonly keepAtMost: number;
  /** Whether an administrator may start one by hand (`POST /v1/jobs`). */
  readonly startable: boolean;
  /** What is left of the payload of a job that was purged; absent: all of it, for no user wrote any of it. */
  readonly withoutTexts?: (payload: Static<Payload>) => Static<Payload>;
  /** What administrators and logs may see of a payload: ids and sizes, never what a user wrote. */
  readonly facts: (payload: Static<Payload>) => Readonly<Record<string, string | number | boolean | null>>;
}

/** Keeps the schemas' types. */
function job<Payload extends TSchema, Result extends TSchema>(contract: JobContract<Payload, Result>) {
  return contract;
}

const Iso = Type.String({ minLength: 10, maxLength: 40 });
const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Message = Type.Object(
  { role: Type.Enum(["system", "user", "assistant"]), content: Type.String() },
  { additionalProperties: true },
);

export const contracts = {
  /** One conversation turn, as `/v2/:endpoint/run` asks for it; its chunks are the text's pieces. */
  "serverless-run": job({
    payload: Type.Object(
      {
        endpoint: Type.String({ minLength: 1, maxLength: 100 }),
        /** Id of the key that asked; null: none was needed. Nobody else sees the job. */
        keyId: Nullable(Type.String()),
        userId: Nullable(Type.String()),
        /** Sectors the key may use; null: all. */
        sectors: Nullable(Type.Array(Type.String())),
        /** As it came; services/serverless checks it at the door and again before it runs. */
        input: Type.Object({}, { additionalProperties: true }),
        /** Where the outcome is posted. */
        webhook: Type.Optional(Type.String({ maxLength: 2048 })),
      },
      closed,
    ),
    result: Type.Object({
      response: Type.String(),
      messages: Type.Array(Message),
      status: Type.Literal("success"),
      /** Null: the base model answered. */
      sector: Nullable(Type.String()),
      usage: Type.Object({}, { additionalProperties: true }),
    }),
    attempts: 3,
    backoff: { type: "exponential", delayMs: second },
    timeoutMs: 10 * minute,
    concurrency: 4,
    retainMs: { completed: 30 * minute, failed: day },
    keepAtMost: 250_000,
    startable: false,
    withoutTexts: (payload) => ({ ...payload, input: {} }),
    facts: ({ endpoint, keyId, input, webhook }) => ({
      endpoint,
      keyId,
      inputCharacters: JSON.stringify(input).length,
      webhook: webhook !== undefined,
    }),
  }),

  /** Tells a caller's address that a job has ended. */
  webhook: job({
    payload: Type.Object({ jobId: Type.String(), url: Type.String({ maxLength: 2048 }) }, closed),
    result: Type.Object({ status: Type.Integer() }),
    attempts: 3,
    backoff: { type: "fixed", delayMs: 10 * second },
    timeoutMs: minute,
    concurrency: 8,
    retainMs: { completed: 30 * minute, failed: day },
    keepAtMost: 250_000,
    startable: false,
    facts: ({ jobId }) => ({ jobId }),
  }),

  /** One OpenAI-style batch; its lines and answers are kept by services/batch. */
  batch: job({
    payload: Type.Object({ batchId: Type.String({ minLength: 1, maxLength: 100 }) }, closed),
    result: Type.Object({ total: Type.Integer(), completed: Type.Integer(), failed: Type.Integer() }),
    attempts: 5,
    backoff: { type: "exponential", delayMs: 2 * second },
    timeoutMs: day,
    concurrency: 1,
    retainMs: { completed: 7 * day, failed: 30 * day },
    keepAtMost: 1000,
    startable: false,
    facts: ({ batchId }) => ({ batchId }),
  }),

  /** What users said of the replies; also made every week by a schedule. */
  "feedback-report": job({
    payload: Type.Object(
      {
        since: Type.Optional(Iso),
        until: Type.Optional(Iso),
        /** The days before the job was added; what schedules say in the place of dates. */
        lastDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3660 })),
      },
      closed,
    ),
    result: Type.Object({ report: Type.Object({}, { additionalProperties: true }) }),
    attempts: 5,
    backoff: { type: "exponential", delayMs: 5 * second },
    timeoutMs: 5 * minute,
    concurrency: 1,
    retainMs: { completed: 366 * day, failed: 30 * day },
    keepAtMost: 200,
    startable: true,
    facts: ({ since, until, lastDays }) => ({ since: since ?? null, until: until ?? null, lastDays: lastDays ?? null }),
  }),

  /** Training pairs for adapters, as JSON lines. */
  "feedback-export": job({
    payload: Type.Object(
      {
        since: Type.Optional(Iso),
        until: Type.Optional(Iso),
        sector: Type.Optional(Type.String({ maxLength: 100 })),
        minRating: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
      },
      closed,
    ),
    result: Type.Object({ pairs: Type.Integer(), bytes: Type.Integer() }),
    attempts: 5,
    backoff: { type: "exponential", delayMs: 5 * second },
    timeoutMs: 30 * minute,
    concurrency: 1,
    retainMs: { completed: 7 * day, failed: 30 * day },
    keepAtMost: 50,
    startable: true,
    facts: ({ since, until, sector, minRating }) => ({
      since: since ?? null,
      until: until ?? null,
      sector: sector ?? null,
      minRating: minRating ?? null,
    }),
  }),

  /** How well the router does on sentences it has not seen, measured in a process of its own. */
  evaluation: job({
    payload: Type.Object({}, closed),
    result: Type.Object({ summary: Type.Object({}, { additionalProperties: true }) }),
    attempts: 2,
    backoff: { type: "fixed", delayMs: 30 * second },
    timeoutMs: 30 * minute,
    concurrency: 1,
    retainMs: { completed: 90 * day, failed: 30 * day },
    keepAtMost: 100,
    startable: true,
    facts: () => ({}),
  }),
} as const;

export type JobName = keyof typeof contracts;
export type PayloadOf<Name extends JobName> = Static<(typeof contracts)[Name]["payload"]>;
export type ResultOf<Name extends JobName> = Static<(typeof contracts)[Name]["result"]>;

export const jobNames = Object.keys(contracts) as JobName[];

/** The contract without its schemas' types, for code that serves all alike. */
export function contractOf(name: JobName): JobContract {
  return contracts[name] as unknown as JobContract;
}
