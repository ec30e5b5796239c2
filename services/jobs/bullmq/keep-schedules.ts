import { type Logger, pause } from "../../foundation/index.ts";
import { contractOf, type JobName, type PayloadOf } from "../contracts.ts";
import { envelopeOf } from "../envelope.ts";
import { JobMalformedError, JobsUnavailableError } from "../errors.ts";
import type { QueueBackend } from "./queue-backend.ts";
import { queueOptions } from "./queue-options.ts";

/** A job that is added again and again. */
export interface JobSchedule<Name extends JobName = JobName> {
  readonly name: Name;
  /** Its name among schedules: however many processes bring it, there is one. */
  readonly key: string;
  /** Five or six fields; empty: not any more. */
  readonly cron: string;
  readonly timeZone: string;
  readonly payload: PayloadOf<Name>;
}

const retryMs = 2_000;

/** Writes the schedule into the queue, or takes it out; while the queue is away it tries again, until the signal fires. */
export async function keepSchedule<Name extends JobName>(
  backend: QueueBackend,
  schedule: JobSchedule<Name>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await writeSchedule(backend, schedule);
      return;
    } catch (failure) {
      if (!(failure instanceof JobsUnavailableError)) {
        logger.error({ schedule: schedule.key, failure: String(failure) }, "job-schedule-refused");
        return;
      }
      await pause(retryMs, signal);
    }
  }
}

async function writeSchedule<Name extends JobName>(
  backend: QueueBackend,
  { name, key, cron, timeZone, payload }: JobSchedule<Name>,
): Promise<void> {
  const contract = contractOf(name);
  const data = envelopeOf(contract, payload, {});
  if (data === undefined) throw new JobMalformedError(name);
  const { jobId: _, ...opts } = queueOptions(contract, "");
  await backend.ask(name, async (queue) => {
    if (cron === "") await queue.removeJobScheduler(key);
    else await queue.upsertJobScheduler(key, { pattern: cron, tz: timeZone }, { name, data, opts });
  });
}
