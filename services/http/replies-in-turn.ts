import type { OpenRecord } from "../conversation/index.ts";
import { type CollectedReply, collectReply, sumUsage } from "../dialect/index.ts";
import type { GenerateEvent } from "../inference/index.ts";

/**
 * The replies that one request asks for, one after the other: the limits count replies at a time, and a request that asks for thirty has
 * one place like any other. Ends when all have; fails with the first that does.
 */
export async function* repliesInTurn<Event>(
  replies: readonly AsyncIterable<Event>[],
): AsyncGenerator<{ readonly index: number; readonly value: Event }> {
  for (const [index, reply] of replies.entries()) for await (const value of reply) yield { index, value };
}

/**
 * The same, each as a whole, and the request's row with them, whatever becomes of them.
 * @param keep what else has to be done with them before the request counts as answered
 */
export async function collectInTurn(
  replies: readonly AsyncIterable<GenerateEvent>[],
  record: OpenRecord,
  keep: (replies: readonly CollectedReply[]) => Promise<void> = async () => undefined,
): Promise<CollectedReply[]> {
  try {
    const collected: CollectedReply[] = [];
    for (const reply of replies) collected.push(await collectReply(noting(reply, record)));
    await keep(collected);
    const [first] = collected;
    if (first !== undefined) record.answered(first.text, sumUsage(collected.map(({ usage }) => usage)), first.timings);
    return collected;
  } catch (thrown) {
    record.failed(thrown);
    throw thrown;
  }
}

/** The reply's events, with their first told to the row. */
export async function* noting(events: AsyncIterable<GenerateEvent>, record: OpenRecord): AsyncGenerator<GenerateEvent> {
  for await (const event of events) {
    if (event.type !== "end") record.spoke();
    yield event;
  }
}
