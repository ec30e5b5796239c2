import type { JobContext, JobHandler } from "../jobs/index.ts";
import { isWaitedFor, runIdOf } from "./run-id.ts";
import type { RunJob } from "./run-job.ts";

/** Takes a waiting job and runs it as a conversation turn; its text can be read while it comes. */
export function createRunHandler(runJob: RunJob): JobHandler<"serverless-run"> {
  return async ({ input, userId, sectors }, context) => {
    const id = runIdOf(context.id);
    // Whoever waits for the outcome reads no stream: the pieces would be written for nobody.
    const pieces = isWaitedFor(id) ? undefined : new PieceWriter(context);
    const output = await runJob(
      {
        // Another try is another row of the request log.
        id: context.attempt === 1 ? id : `${id}#${context.attempt}`,
        input,
        ...(userId === null ? {} : { userId }),
        ...(sectors === null ? {} : { sectors }),
        ...(pieces === undefined ? {} : { onText: (text: string) => pieces.write(text) }),
      },
      context.signal,
    );
    await pieces?.end();
    return { ...output, messages: [...output.messages] };
  };
}

/** Sends text on as fast as the queue takes it: what comes while a piece is on its way goes with the next one. */
class PieceWriter {
  readonly #context: Pick<JobContext, "emit">;
  #waiting = "";
  #writing: Promise<void> | undefined;

  constructor(context: Pick<JobContext, "emit">) {
    this.#context = context;
  }

  write(text: string): void {
    this.#waiting += text;
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything was taken. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        const piece = this.#waiting;
        this.#waiting = "";
        await this.#context.emit(piece);
      }
    } catch {
      // The reply is more than its stream: a queue that takes no piece now may well take the outcome later.
    } finally {
      this.#writing = undefined;
    }
  }
}
