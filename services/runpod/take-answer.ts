import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { StopAnswer, TakeAnswer, TakenJob } from "./endpoint.ts";

const open = { additionalProperties: true } as const;
/** Ids go into addresses and headers. */
const JobId = Type.String({ pattern: "^[\\x21-\\x7e]{1,256}$" });
const HandedJob = Type.Object({ id: JobId, input: Type.Optional(Type.Unknown()) }, open);
const StopList = Type.Object({ jobsToStop: Type.Array(JobId) }, open);

/** @param body one job, or several in an array @throws {SyntaxError} it is not JSON */
export function readTakenJobs(body: string): TakeAnswer {
  if (body.trim() === "") return { type: "none" };
  const value: unknown = JSON.parse(body);
  const handed = Array.isArray(value) ? value : [value];
  const jobs = handed.filter(isHandedJob).map(({ id, input }): TakenJob => ({ id, input }));
  return { type: "jobs", jobs, malformed: handed.length - jobs.length };
}

/** @throws {SyntaxError} it is not JSON */
export function readStops(body: string): StopAnswer {
  const value: unknown = JSON.parse(body);
  if (Value.Check(StopList, value)) return { type: "stop", ids: value.jobsToStop };
  return { type: "failed", reason: "the answer has another shape" };
}

function isHandedJob(value: unknown): value is Static<typeof HandedJob> {
  return Value.Check(HandedJob, value);
}
