import { type Static, Type } from "typebox";
import { contractOf, type Job, type JobName, jobNames } from "../jobs/index.ts";

const startable = jobNames.filter((name) => contractOf(name).startable);

export const JobParams = Type.Object({ id: Type.String({ minLength: 3, maxLength: 200 }) });

export const JobsQuery = Type.Object({
  name: Type.Optional(Type.Enum(jobNames, { description: "İşin adı. Name of the job; all names when absent." })),
  state: Type.Optional(
    Type.Enum(["waiting", "delayed", "running", "completed", "failed"], {
      default: "failed",
      description: "`failed`: sonuçsuz biten her iş. Everything that ended without a result.",
    }),
  ),
  offset: Type.Optional(Type.String({ pattern: "^[0-9]{1,5}$", description: "Yalnız `name` ile. With `name` only." })),
  limit: Type.Optional(Type.String({ pattern: "^([1-9][0-9]?|100)$", description: "1–100, 20" })),
});

export const JobOutputQuery = Type.Object({
  format: Type.Optional(Type.Enum(["json", "markdown", "csv"], { description: "Rapor için. For reports." })),
});

/** Payload checked against the job's own contract, where the names of its fields stand. */
export const StartJobBody = Type.Object(
  {
    name: Type.Enum(startable),
    payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
  },
  { additionalProperties: false },
);
export type StartJobBody = Static<typeof StartJobBody>;

/** As administrators see it: what a user wrote stands neither in the facts nor, but for the platform's own jobs, in the result. */
export function renderJob(job: Job, withResult: boolean) {
  const { name, state, progress, error, attempts } = job;
  const { facts, startable: isOwn } = contractOf(name as JobName);
  return {
    id: job.id,
    object: "job",
    name,
    state,
    progress,
    attempts,
    created_at: job.createdAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
    facts: job.payload === null ? null : facts(job.payload),
    error: error === null ? null : { code: error.code, message: error.message, message_tr: error.messageTr ?? null },
    ...(withResult ? { result: isOwn ? job.result : null } : {}),
  };
}
