import type { JobName } from "../contracts.ts";
import { jobIdOf } from "../job-id.ts";
import { type JobNotes, runOf } from "../job-notes.ts";
import type { JobChunks } from "../jobs.ts";
import type { JobQueue } from "./queue-backend.ts";
import { findJob, hasEnded } from "./read-job.ts";

/** What a job said after `cursor`; nothing yet is an answer too. */
export async function readChunks(
  queue: JobQueue,
  notes: JobNotes,
  parts: { readonly name: JobName; readonly own: string },
  cursor: string | undefined,
): Promise<JobChunks | undefined> {
  const id = jobIdOf(parts.name, parts.own);
  const said = await notes.after(id, cursor);
  if (said.length > 0) return chunksOf(said, cursor, false);
  const job = await findJob(queue, notes, parts);
  if (job === undefined) return undefined;
  // What it said between the two looks is its last.
  const ended = hasEnded(job);
  return chunksOf(ended ? await notes.after(id, cursor) : [], cursor, ended);
}

function chunksOf(said: Awaited<ReturnType<JobNotes["after"]>>, cursor: string | undefined, ended: boolean): JobChunks {
  const last = said.at(-1)?.cursor ?? cursor ?? "0-0";
  return {
    chunks: said.map(({ chunk }) => chunk),
    cursor: last,
    restarted: cursor !== undefined && runOf(cursor) > 0 && runOf(last) > runOf(cursor),
    // A full answer may not be all.
    ended: ended && said.length < 1000,
  };
}
