import type { JobType } from "bullmq";
import { contractOf, type JobName } from "../contracts.ts";
import { openEnvelope } from "../envelope.ts";
import type { Job, JobCounts, JobGroup, JobPage } from "../jobs.ts";
import type { JobQueue, QueueBackend } from "./queue-backend.ts";
import { readJob, readQueued } from "./read-job.ts";

/** Jobs a tally looks at at once. */
const bite = 50;

const typesOf: Readonly<Record<JobGroup, readonly JobType[]>> = {
  waiting: ["waiting", "prioritized"],
  delayed: ["delayed"],
  running: ["active"],
  completed: ["completed"],
  failed: ["failed"],
};

export async function countJobs(queue: JobQueue): Promise<JobCounts> {
  const counts = await queue.getJobCounts(...Object.values(typesOf).flat());
  const sum = (group: JobGroup): number => typesOf[group].reduce((total, type) => total + (counts[type] ?? 0), 0);
  return {
    waiting: sum("waiting"),
    delayed: sum("delayed"),
    running: sum("running"),
    completed: sum("completed"),
    failed: sum("failed"),
  };
}

/** @param groupOf of a payload. Jobs that begin or come while they are read may be missed */
export async function tallyJobs(
  backend: QueueBackend,
  name: JobName,
  groupOf: (payload: unknown) => string,
): Promise<ReadonlyMap<string, number>> {
  const contract = contractOf(name);
  const tally = new Map<string, number>();
  const waiting = [...typesOf.waiting, ...typesOf.delayed];
  const ids = await backend.ask(name, (queue) => queue.getRanges(waiting, 0, -1, true));
  for (let from = 0; from < ids.length; from += bite) {
    const own = ids.slice(from, from + bite);
    const queued = await backend.ask(name, (queue) => Promise.all(own.map((each) => readQueued(queue, each))));
    for (const job of queued) {
      const envelope = openEnvelope(contract, job?.data);
      if (envelope === undefined) continue;
      const group = groupOf(envelope.payload);
      tally.set(group, (tally.get(group) ?? 0) + 1);
    }
  }
  return tally;
}

/** Newest first, those of low priority last; jobs that were kept long enough are passed over, although the total may still count them. */
export async function listJobs(
  queue: JobQueue,
  name: JobName,
  { group, offset, limit }: { group: JobGroup; offset: number; limit: number },
): Promise<JobPage> {
  const counts = await queue.getJobCounts(...typesOf[group]);
  const ids: string[] = [];
  let before = 0;
  let total = 0;
  for (const type of typesOf[group]) {
    const count = counts[type] ?? 0;
    const from = Math.max(0, offset - before);
    const missing = limit - ids.length;
    if (missing > 0 && from < count) ids.push(...(await queue.getRanges([type], from, from + missing - 1, false)));
    before += count;
    total += count;
  }
  const found = await Promise.all(ids.map((own) => readJob(queue, name, own)));
  return { jobs: found.filter((job): job is Job => job !== undefined), total };
}
