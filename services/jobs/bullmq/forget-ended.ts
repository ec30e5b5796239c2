import { contractOf, type JobName } from "../contracts.ts";
import { jobIdOf } from "../job-id.ts";
import type { JobQueue, QueueBackend } from "./queue-backend.ts";
import { readJob } from "./read-job.ts";

const bite = 100;
/** A sweep is bounded; the next one goes on. So many a minute are more than an engine answers. */
const mostBites = 200;

/**
 * Takes jobs away that ended long enough ago, oldest first, and those beyond the bound. Readers do not see what is over any more as it is; this
 * makes room.
 * @param keepAtMost of each outcome; the contract's unless told
 * @returns how many
 */
export async function forgetEnded(
  backend: QueueBackend,
  name: JobName,
  keepAtMost: number = contractOf(name).keepAtMost,
): Promise<number> {
  let forgotten = 0;
  for (const type of ["completed", "failed"] as const) {
    let kept = 0;
    for (let round = 0; round < mostBites; round++) {
      const { ids, tooMany } = await backend.ask(name, async (queue) => ({
        ids: await queue.getRanges([type], kept, kept + bite - 1, true),
        tooMany: ((await queue.getJobCounts(type))[type] ?? 0) - keepAtMost,
      }));
      let gone = 0;
      for (const own of ids) if (await forgetIfOver(backend, name, own, gone < tooMany)) gone += 1;
      forgotten += gone;
      kept += ids.length - gone;
      // Where nothing was over, what ended later is not either; those with a time of their own wait for their turn.
      if (ids.length < bite || gone === 0) break;
    }
  }
  return forgotten;
}

async function forgetIfOver(backend: QueueBackend, name: JobName, own: string, isTooMany: boolean): Promise<boolean> {
  return await backend.ask(name, async (queue: JobQueue) => {
    if (!isTooMany && (await readJob(queue, name, own)) !== undefined) return false;
    // One that a schedule made is the schedule's; there are few, and the queue keeps their number down.
    const removed = await queue.remove(own).catch(() => 0);
    if (removed !== 1) return false;
    await backend.notes.forget(jobIdOf(name, own));
    return true;
  });
}
