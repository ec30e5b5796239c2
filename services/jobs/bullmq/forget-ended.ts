import type { JobName } from "../contracts.ts";
import { jobIdOf } from "../job-id.ts";
import type { QueueBackend } from "./queue-backend.ts";
import { readJob } from "./read-job.ts";

const bite = 100;
/** A sweep is bounded; the next one goes on. */
const mostBites = 20;

/** Takes jobs away that ended long enough ago, oldest first. Readers do not see them any more as it is; this makes room. */
export async function forgetEnded(backend: QueueBackend, name: JobName): Promise<number> {
  let forgotten = 0;
  for (const type of ["completed", "failed"] as const) {
    let kept = 0;
    for (let round = 0; round < mostBites; round++) {
      const ids = await backend.ask(name, (queue) => queue.getRanges([type], kept, kept + bite - 1, true));
      let gone = 0;
      for (const own of ids) if (await forgetIfOver(backend, name, own)) gone += 1;
      forgotten += gone;
      kept += ids.length - gone;
      // Where nothing was over, what ended later is not either; those with a time of their own wait for their turn.
      if (ids.length < bite || gone === 0) break;
    }
  }
  return forgotten;
}

async function forgetIfOver(backend: QueueBackend, name: JobName, own: string): Promise<boolean> {
  return await backend.ask(name, async (queue) => {
    if ((await readJob(queue, name, own)) !== undefined) return false;
    // One that a schedule made is the schedule's; there are few, and the queue keeps their number down.
    const removed = await queue.remove(own).catch(() => 0);
    if (removed !== 1) return false;
    await backend.notes.forget(jobIdOf(name, own));
    return true;
  });
}
