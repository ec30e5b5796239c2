/** The worker thread that holds the embedded Postgres: WebAssembly blocks its thread, so it has one of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite, type Results, types } from "@electric-sql/pglite";
import { initDbStartParams, startParams } from "./pglite-start.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import type { WorkerCall, WorkerFault, WorkerNews, WorkerResult, WorkerStart } from "./worker-protocol.ts";

interface Open {
  readonly plain: PGlite;
  readonly prepared: PreparedStatements;
}

const { folder } = workerData as WorkerStart;
/** What Postgres said last when it gave up. */
let lastWords: string | undefined;

function tell(news: WorkerNews): void {
  parentPort?.postMessage(news);
}

/** Reads Postgres' log. After a panic the instance may never answer again, or never give this thread back: say it right here. */
function hear(line: string): boolean {
  if (lastWords === undefined && /\b(PANIC|FATAL): |^Aborted\(/.test(line)) {
    lastWords = line;
    tell({ kind: "dead", fault: { message: line, fatal: true } });
  }
  return false;
}

function faultOf(failure: unknown): WorkerFault {
  const { message, code, detail, constraint, severity } = failure as Error & Record<string, string | undefined>;
  const refused = severity === "ERROR" && lastWords === undefined;
  return { message: lastWords ?? message ?? String(failure), code, detail, constraint, fatal: !refused };
}

async function run(database: Open, sql: string, params: readonly unknown[]): Promise<WorkerResult> {
  const result: Results | undefined =
    params.length > 0 ? await database.prepared.run(sql, params) : (await database.plain.exec(sql)).at(-1);
  return {
    rows: (result?.rows ?? []) as Record<string, unknown>[],
    rowCount: result?.rowCount ?? 0,
    command: result?.command ?? "",
    byteColumns: (result?.fields ?? []).filter(({ dataTypeID }) => dataTypeID === types.BYTEA).map(({ name }) => name),
  };
}

async function answer(database: Open, call: WorkerCall): Promise<void> {
  try {
    if (call.kind === "close") await database.plain.close();
    const result = call.kind === "query" ? await run(database, call.sql, call.params) : nothing;
    tell({ kind: "result", id: call.id, result });
  } catch (failure) {
    tell({ kind: "failure", id: call.id, fault: faultOf(failure) });
  }
}
const nothing: WorkerResult = { rows: [], rowCount: 0, command: "", byteColumns: [] };

try {
  const database = await PGlite.create({
    dataDir: folder,
    initDbStartParams,
    startParams,
    onStderr: hear,
    parsers: { [types.INT8]: (text: string) => text },
  });
  database.onNotification((channel, payload) => tell({ kind: "notification", channel, payload }));
  const open: Open = { plain: database, prepared: new PreparedStatements(database) };
  // One call at a time, in the order they came: a transaction's work may send several without waiting.
  let last = Promise.resolve();
  parentPort?.on("message", (call: WorkerCall) => {
    last = last.then(() => answer(open, call));
  });
  tell({ kind: "ready" });
} catch (failure) {
  tell({ kind: "dead", fault: { ...faultOf(failure), fatal: true } });
}
