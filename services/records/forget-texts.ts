import type { Logger } from "../foundation/index.ts";
import type { Database } from "../storage/index.ts";

export interface ForgetTextsOptions {
  /** Days a text is kept. */
  readonly days: number;
  readonly nowMs?: () => number;
  /** An hour unless told. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

/** $1 before this. A bounded bite, so that nobody waits long behind it. */
const forget = `update requests set message = null, reply = null where id in (
  select id from requests where at < $1 and (message is not null or reply is not null) order by at limit 500)`;

/** Takes what was said out of rows whose days are over; the numbers stay. Also where texts are no longer kept: old ones must go. */
export function startForgettingTexts(database: Database, options: ForgetTextsOptions): AsyncDisposable {
  const { days, nowMs = Date.now, everyMs = 3_600_000, logger } = options;
  let running: Promise<void> | undefined;
  let closed = false;
  const run = async (): Promise<void> => {
    const before = new Date(nowMs() - days * 86_400_000);
    while (!closed && (await database.query(forget, [before])).rowCount > 0);
  };
  const start = (): void => {
    running ??= run()
      .catch((failure: unknown) => logger?.warn({ failure: String(failure) }, "forgetting-texts-failed"))
      .finally(() => {
        running = undefined;
      });
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      clearInterval(timer);
      await running;
    },
  };
}
