import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import { openJournaledSessionStore } from "../../services/sessions/journaled/journaled-session-store.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "sektor-kill-")), "data");
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

function start() {
  const script = fileURLToPath(new URL("./sessions-kill.child.ts", import.meta.url));
  const started = spawn(process.execPath, ["--import", "tsx", script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  return started;
}
async function killed(process: ChildProcess): Promise<void> {
  const ended = once(process, "exit");
  process.kill("SIGKILL");
  await ended;
}

it("loses no session it acknowledged when the process is killed, and takes the folder over", async () => {
  const writer = start();
  let last = -1;
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    if (last < 59 || writer.killed) continue;
    await expect(openPgliteDatabase({ folder })).rejects.toMatchObject({ code: "data_folder_in_use" });
    await killed(writer);
  }
  expect(last).toBeGreaterThanOrEqual(59);
  await using database = await openPgliteDatabase({ folder });
  const limits = { ttlS: 3600, maxMessages: 200 };
  await using store = await openJournaledSessionStore(createEmbeddedSessionStore(database, limits), {
    ...limits,
    folder,
  });
  for (let n = 0; n <= last; n++) {
    const session = await store.load(`session-${n}`);
    expect(session?.messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", `ileti ${n}`],
      ["assistant", `ileti ${n}`],
    ]);
  }
});

it("begins a first start anew that was killed halfway", async () => {
  const starter = start();
  await vi.waitFor(() => expect(existsSync(join(folder, "postgres", "global"))).toBe(true), {
    timeout: 60_000,
    interval: 5,
  });
  await killed(starter);
  expect(existsSync(join(folder, "first-start"))).toBe(true);
  await using database = await openPgliteDatabase({ folder });
  await using store = createEmbeddedSessionStore(database, { ttlS: 3600, maxMessages: 200 });
  await store.append("s", { sector: null, messages: [] });
  expect(await store.load("s")).toMatchObject({ id: "s", messages: [] });
});
