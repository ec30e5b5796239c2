import { type Processor, UnrecoverableError, WaitingError } from "bullmq";
import type { Logger } from "../../foundation/index.ts";
import { contractOf, type JobName } from "../contracts.ts";
import { type Envelope, openEnvelope } from "../envelope.ts";
import { JobExpiredError, JobMalformedError } from "../errors.ts";
import { jobIdOf } from "../job-id.ts";
import type { JobWork } from "../jobs.ts";
import { errorOf, isForGood, stateAfter, written } from "../outcome.ts";
import { JobSetAside } from "../set-aside.ts";
import type { QueueBackend, QueuedJob } from "./queue-backend.ts";
import { AttemptOverError, runAttempt } from "./run-attempt.ts";
import { tellEnding } from "./tell-ending.ts";

export interface RunParts {
  readonly backend: QueueBackend;
  readonly logger: Logger;
  /** Attempts under way in this process, by the job's part of its id. */
  readonly underWay: Map<string, AbortController>;
  /** Fires when this process takes no more jobs: what it was just about to take goes back. */
  readonly stopping: AbortSignal;
  readonly onEnd: (name: JobName, outcome: AttemptOutcome, seconds: number) => void;
}

/** The state a job ends in; or `retried`: it failed and waits for its next attempt; or `returned`: it waits again and nothing was wrong with it. */
export type AttemptOutcome = "completed" | "failed" | "cancelled" | "timed-out" | "retried" | "returned";

/** What BullMQ calls with every job it takes: runs the handler, and says how it went in the terms BullMQ understands. */
export function createRunJob<Name extends JobName>(
  name: Name,
  work: JobWork<Name>,
  { backend, logger, underWay, stopping, onEnd }: RunParts,
): Processor<unknown, unknown, string> {
  return async (queued, token) => {
    const own = queued.id ?? "";
    const job = jobIdOf(name, own);
    const startedMs = performance.now();
    const abort = new AbortController();
    const envelope = openEnvelope(contractOf(name), queued.data);
    const ended = (outcome: AttemptOutcome, facts: object = {}): void => {
      const ms = performance.now() - startedMs;
      onEnd(name, outcome, ms / 1000);
      logger.info({ job, outcome, attempt: queued.attemptsStarted, ms: Math.round(ms), ...facts }, "job-attempt-ended");
    };
    underWay.set(own, abort);
    if (stopping.aborted) abort.abort(new AttemptOverError());
    try {
      abort.signal.throwIfAborted();
      const result = await runAttempt(backend, work, {
        queued,
        id: job,
        envelope: startable(name, queued, envelope),
        abort,
      });
      await tellEnding(name, work, queued, logger);
      ended("completed");
      return result;
    } catch (thrown) {
      const failure: unknown = abort.signal.aborted ? abort.signal.reason : thrown;
      if (failure instanceof AttemptOverError || failure instanceof JobSetAside) {
        if (failure instanceof JobSetAside)
          await queued.changePriority({ priority: failure.turn }).catch(() => undefined);
        // Where somebody else has the job by now this changes nothing.
        await queued.moveToWait(token).catch(() => undefined);
        ended("returned");
        throw new WaitingError();
      }
      const isLast = isForGood(failure) || queued.attemptsMade + 1 >= (queued.opts.attempts ?? 1);
      if (isLast) await tellEnding(name, work, queued, logger);
      ended(isLast ? endOf(failure) : "retried", factsOf(failure));
      throw isLast ? new UnrecoverableError(written(failure)) : new Error(written(failure));
    } finally {
      underWay.delete(own);
    }
  };
}

/** @throws {JobMalformedError | JobExpiredError} it cannot begin, or need not any more */
function startable(name: JobName, queued: QueuedJob, envelope: Envelope | undefined): Envelope {
  if (envelope === undefined) throw new JobMalformedError(name);
  const { expiresAtMs = Number.POSITIVE_INFINITY } = envelope;
  if (expiresAtMs < Date.now() && queued.attemptsMade === 0) throw new JobExpiredError();
  return envelope;
}

function endOf(failure: unknown): AttemptOutcome {
  return stateAfter(errorOf(failure)) as AttemptOutcome;
}

/** For the log: what has a name by its name; what nobody foresaw with the place it came from, without its message. */
function factsOf(failure: unknown): object {
  const { code } = errorOf(failure);
  if (code !== "internal" || !(failure instanceof Error)) return { code };
  return {
    code,
    fault: failure.name,
    at: failure.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 5),
  };
}
