import type { Logger } from "../../foundation/index.ts";
import { contractOf, type JobName } from "../contracts.ts";
import { openEnvelope } from "../envelope.ts";
import { jobIdOf } from "../job-id.ts";
import type { JobWork } from "../jobs.ts";
import type { QueuedJob } from "./queue-backend.ts";

/** Tells whoever is to follow a job that it ends. A failure is logged and changes nothing. */
export async function tellEnding<Name extends JobName>(
  name: Name,
  work: JobWork<Name>,
  queued: QueuedJob,
  logger: Logger,
): Promise<void> {
  const envelope = openEnvelope(contractOf(name), queued.data);
  if (envelope === undefined || work.ending === undefined) return;
  const id = jobIdOf(name, queued.id ?? "");
  const createdAt = new Date(queued.timestamp).toISOString();
  try {
    await work.ending({ id, payload: envelope.payload as never, createdAt });
  } catch (failure) {
    logger.error({ job: id, failure: failure instanceof Error ? failure.name : "unknown" }, "job-ending-failed");
  }
}
