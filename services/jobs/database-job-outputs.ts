import type { Database } from "../storage/index.ts";
import type { JobOutputs } from "./job-outputs.ts";

const partCharacters = 256 * 1024;

/** Outputs in the platform's database, so that whoever asks finds what whoever worked has made. */
export function createDatabaseJobOutputs(database: Database): JobOutputs {
  return {
    async write(jobId, pieces, keepMs, signal) {
      await database.query("delete from job_outputs where expires_at < now() or job_id = $1", [jobId]);
      let bytes = 0;
      let number = 0;
      for await (const content of parts(pieces)) {
        signal.throwIfAborted();
        await database.query(
          `insert into job_outputs (job_id, part, content, expires_at)
           values ($1, $2, $3, now() + $4::double precision * interval '1 millisecond')`,
          [jobId, number, content, keepMs],
        );
        number += 1;
        bytes += Buffer.byteLength(content);
      }
      return bytes;
    },
    async *read(jobId) {
      for (let part = 0; ; part++) {
        const { rows } = await database.query<{ content: string }>(
          "select content from job_outputs where job_id = $1 and part = $2 and expires_at > now()",
          [jobId, part],
        );
        if (rows[0] === undefined) return;
        yield rows[0].content;
      }
    },
  };
}

async function* parts(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let part = "";
  for await (const piece of pieces) {
    part += piece;
    if (part.length < partCharacters) continue;
    yield part;
    part = "";
  }
  if (part !== "") yield part;
}
