import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../services/foundation/index.ts";
import { ask } from "./support/ask.ts";
import { embeddedEnvironment } from "./support/embedded-engine.ts";
import { memoryColumns, memoryNote, memoryRows, watchMemory } from "./support/memory-soak.ts";
import { testMessages } from "./support/messages.ts";
import type { BenchOptions } from "./support/options.ts";
import { isEvent } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import type { BenchTable } from "./table.ts";

/** Users of each kind; each asks, waits a moment, asks again. */
const usersOfEachKind = 2;
const thinkMs = 200;
const replyTokens = 48;

/** Does memory stay where it is under load that does not change? */
export async function soakBench({ models, minutes }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  try {
    await using gateway = await startServe({
      ...embeddedEnvironment(models, join(folder, "data")),
      SEKTOR_REQUESTS_PER_MINUTE: "0",
    });
    const inferLine = await gateway.program.line(isEvent("infer-serves"), 1000);
    const pids = { serve: gateway.program.pid, infer: (JSON.parse(inferLine) as { pid: number }).pid };
    const end = new AbortController();
    const counts = { done: 0, failed: 0 };
    const users = startUsers(gateway.url, end.signal, counts);
    const points = await watchMemory(pids, minutes);
    end.abort();
    await Promise.all(users);
    return {
      title: "Soak: memory under steady load",
      columns: memoryColumns,
      rows: memoryRows(points, minutes),
      notes: [
        memoryNote(minutes),
        `Load: ${kinds.length * usersOfEachKind} users (chat, streamed chat, classify, OpenAI chat; ${usersOfEachKind} each) who ask, pause ${thinkMs} ms, ask again; sessions of five turns; ${counts.done} requests answered, ${counts.failed} failed.`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Visit = (url: string, message: string, session: string | undefined) => Promise<string | undefined>;

const kinds: readonly Visit[] = [chat, streamedChat, classify, openAiChat];

function startUsers(url: string, end: AbortSignal, counts: { done: number; failed: number }): Promise<void>[] {
  const messages = testMessages();
  return kinds.flatMap((visit, kind) =>
    Array.from({ length: usersOfEachKind }, async (_, user) => {
      let session: string | undefined;
      for (let turn = 0; !end.aborted; turn++) {
        try {
          session = await visit(
            url,
            messages[(turn * 7 + kind * 31 + user * 101) % messages.length] ?? "",
            turn % 5 === 0 ? undefined : session,
          );
          counts.done++;
        } catch (failure) {
          if (counts.failed++ === 0) console.error(String(failure));
        }
        await pause(thinkMs, end);
      }
    }),
  );
}

async function post(url: string, path: string, body: object): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(120_000),
  });
  if (!response.ok) throw new Error(`${path} ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response;
}

async function chat(url: string, message: string, session: string | undefined): Promise<string> {
  const response = await post(url, "/api/v1/chat", {
    message,
    max_tokens: replyTokens,
    ...(session === undefined ? {} : { session_id: session }),
  });
  return ((await response.json()) as { data: { session_id: string } }).data.session_id;
}

async function streamedChat(url: string, message: string, session: string | undefined): Promise<string | undefined> {
  const response = await post(url, "/api/v1/chat", {
    message,
    stream: true,
    max_tokens: replyTokens,
    ...(session === undefined ? {} : { session_id: session }),
  });
  return /"session_id":"([^"]+)"/.exec(await response.text())?.[1];
}

async function classify(url: string, message: string): Promise<undefined> {
  await (await post(url, "/v1/classify", { text: message })).json();
}

async function openAiChat(url: string, message: string): Promise<undefined> {
  await ask(url, { model: "auto", messages: [{ role: "user", content: message }], max_tokens: replyTokens });
}
