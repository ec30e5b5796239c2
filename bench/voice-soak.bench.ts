import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callRealtime } from "../scripts/voice/realtime-caller.ts";
import { embeddedEnvironment } from "./support/embedded-engine.ts";
import { childrenOf } from "./support/memory.ts";
import { memoryColumns, memoryNote, memoryRows, watchMemory } from "./support/memory-soak.ts";
import type { BenchOptions } from "./support/options.ts";
import { isEvent } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { measuredTurn, type Speech, speechFor } from "./support/voice-calls.ts";
import type { BenchTable } from "./table.ts";

const callers = 3;
/** A caller hangs up after so many turns and calls again: sessions must go as they came. */
const turnsOfCall = 4;

/** Does memory stay where it is while people talk, interrupt and hang up? */
export async function voiceSoakBench({ models, minutes }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  try {
    await using gateway = await startServe({
      ...embeddedEnvironment(models, join(folder, "data")),
      SEKTOR_REQUESTS_PER_MINUTE: "0",
    });
    const speech = await speechFor(gateway.url, 6);
    const inferLine = await gateway.program.line(isEvent("infer-serves"), 1000);
    const serve = gateway.program.pid;
    const synthesiser = childrenOf(serve).find(({ command }) => command.includes("espeak"))?.pid;
    const pids = {
      "serve, recogniser included": serve,
      infer: (JSON.parse(inferLine) as { pid: number }).pid,
      ...(synthesiser === undefined ? {} : { synthesiser }),
    };
    const end = new AbortController();
    const counts = { turns: 0, calls: 0, failed: 0 };
    const people = Array.from({ length: callers }, (_, number) =>
      talk(gateway.url, number, speech, end.signal, counts),
    );
    const points = await watchMemory(pids, minutes);
    end.abort();
    await Promise.all(people);
    return {
      title: "Voice soak: memory while people talk",
      columns: memoryColumns,
      rows: memoryRows(points, minutes),
      notes: [
        memoryNote(minutes),
        `Load: ${callers} callers at once who ask, interrupt, ask again and hang up after ${turnsOfCall} turns; ${counts.turns} turns in ${counts.calls} calls, ${counts.failed} calls failed. Recogniser and voice activity are a thread of serve.`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function talk(
  url: string,
  number: number,
  speech: readonly Speech[],
  end: AbortSignal,
  counts: { turns: number; calls: number; failed: number },
): Promise<void> {
  for (let turn = number; !end.aborted; ) {
    try {
      await using caller = await callRealtime({ url });
      counts.calls++;
      for (let left = turnsOfCall; left > 0 && !end.aborted; left--, turn++) {
        const said = speech[turn % speech.length];
        if (said === undefined) throw new Error("There is nothing to say.");
        await measuredTurn(caller, said);
        counts.turns++;
      }
    } catch (failure) {
      if (counts.failed++ === 0) console.error(String(failure));
    }
  }
}
