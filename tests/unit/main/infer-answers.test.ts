import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inferAnswers } from "../../../services/main/supervision/launch-infer.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-answers-"));
afterAll(() => rmSync(folder, { recursive: true }));

let opened = 0;
async function listening(listener: RequestListener) {
  const socketPath = join(folder, `${++opened}.sock`);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { socketPath, [Symbol.dispose]: close };
}

const patient = () => new AbortController().signal;

describe("infer answers", () => {
  it("when its probe is answered, whatever is said", async () => {
    const asked: (string | undefined)[] = [];
    using infer = await listening(({ url }, response) => {
      asked.push(url);
      response.writeHead(asked.length === 1 ? 200 : 503).end("{}");
    });
    expect(await inferAnswers(infer.socketPath, patient())).toBe(true);
    expect(await inferAnswers(infer.socketPath, patient())).toBe(true);
    expect(asked).toEqual(["/health/live", "/health/live"]);
  });

  it("not, where nobody listens", async () => {
    expect(await inferAnswers(join(folder, "nobody.sock"), patient())).toBe(false);
  });

  it("not, where the connection breaks off or patience ends before a word", async () => {
    using breaking = await listening((request) => request.socket.destroy());
    expect(await inferAnswers(breaking.socketPath, patient())).toBe(false);

    const patience = new AbortController();
    using silent = await listening(() => patience.abort());
    expect(await inferAnswers(silent.socketPath, patience.signal)).toBe(false);
  });
});
