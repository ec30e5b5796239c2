import type { Redis } from "ioredis";
import { type Cancellation, type JobNotes, notesMs, runOf } from "../job-notes.ts";

const most = 1000;

/** Notes as Redis streams and strings with a time to live. A chunk's place in the stream is its attempt and number, so Redis itself refuses a late one. */
export function createRedisNotes(redis: Redis, keyPrefix: string): JobNotes {
  const keyOf = (id: string, what: string) => `${keyPrefix}:notes:${id}:${what}`;
  return {
    async begin(id, run) {
      await redis.xtrim(keyOf(id, "chunks"), "MINID", `${run}-0`);
    },
    async append(id, run, first, chunks) {
      const key = keyOf(id, "chunks");
      const commands = redis.pipeline();
      chunks.forEach((chunk, at) => {
        commands.xadd(key, `${run}-${first + at}`, "c", JSON.stringify(chunk));
      });
      commands.pexpire(key, notesMs);
      const failures = ((await commands.exec()) ?? [])
        .map(([failure]) => failure)
        .filter((failure) => failure !== null);
      const fault = failures.find(({ message }) => !message.includes("equal or smaller"));
      if (fault !== undefined) throw fault;
      if (failures.length === 0) return true;
      // Written already, by a call whose answer was lost; or a later attempt has begun.
      const [last] = await redis.xrevrange(key, "+", "-", "COUNT", 1);
      return last === undefined || runOf(last[0]) <= run;
    },
    async after(id, cursor) {
      const from = cursor === undefined ? "-" : `(${cursor}`;
      const entries = await redis.xrange(keyOf(id, "chunks"), from, "+", "COUNT", most);
      return entries.map(([at, fields]) => ({ cursor: at, chunk: JSON.parse(fields[1] ?? "null") as unknown }));
    },
    async place(id) {
      return (await redis.get(keyOf(id, "place"))) ?? undefined;
    },
    async setPlace(id, cursor) {
      await redis.set(keyOf(id, "place"), cursor, "PX", notesMs);
    },
    async cancellation(id) {
      const text = await redis.get(keyOf(id, "cancel"));
      return text === null ? undefined : (JSON.parse(text) as Cancellation);
    },
    async askCancel(id, cancellation, keepMs) {
      await redis.set(keyOf(id, "cancel"), JSON.stringify(cancellation), "PX", keepMs);
    },
    async withdrawCancel(id) {
      await redis.del(keyOf(id, "cancel"));
    },
    async keepFor(id, ms) {
      await redis.pipeline().pexpire(keyOf(id, "chunks"), ms).pexpire(keyOf(id, "place"), ms).exec();
    },
    async forget(id) {
      await redis.del(keyOf(id, "chunks"), keyOf(id, "place"), keyOf(id, "cancel"));
    },
    async sweep() {},
  };
}
