import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ggufBytes, sha256Of, startHub } from "../../support/hub.ts";

const door = new URL("../../../services/models/index.ts", import.meta.url).href;
const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Another process that resolves `source` and prints what came of it. */
function resolving(source: string, cacheFolder: string, hubUrl: string) {
  const program = `const { resolveModel } = await import(${JSON.stringify(door)});
    const resolved = await resolveModel(${JSON.stringify(source)}, ${JSON.stringify({ cacheFolder, hubUrl })});
    console.log(JSON.stringify(resolved));`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return { child, output: new Promise<string>((resolve) => child.on("close", () => resolve(output))) };
}

test("a killed process's download is finished by the one that waited for it, from where it broke off", async () => {
  const bytes = ggufBytes(8_000_000);
  const hub = await startHub({ "/acme/tiny/resolve/main/tiny.gguf": { bytes, pieceBytes: 20_000 } });
  const folder = await mkdtemp(join(tmpdir(), "two-processes-"));
  try {
    const first = resolving("hf:acme/tiny/tiny.gguf", folder, hub.url);
    const part = join(folder, new URL(hub.url).host.replace(":", "_"), "acme/tiny/main/tiny.gguf.part");
    const arrived = async () => (await readFile(part).catch(() => Buffer.alloc(0))).length;
    await expect.poll(arrived, { timeout: 15_000 }).toBeGreaterThan(500_000);
    const second = resolving("hf:acme/tiny/tiny.gguf", folder, hub.url);
    first.child.kill("SIGKILL");
    await first.output;
    const resolved = JSON.parse(await second.output) as { path: string; sha256: string };
    expect(resolved.sha256).toBe(sha256Of(bytes));
    expect(sha256Of(await readFile(resolved.path))).toBe(sha256Of(bytes));
    expect(hub.requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d{6,}-$/)]);
  } finally {
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  }
});
