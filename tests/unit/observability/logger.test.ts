import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const file = fileURLToPath(new URL("../../../services/observability/logger.ts", import.meta.url));

/** A program that logs "first" with lines gathered for so long, then does what it is told. */
function program(gatherMs: number, then: string): readonly string[] {
  const source = `import { createLogger } from ${JSON.stringify(file)};
    const log = createLogger("test", "info", ${gatherMs});
    log.info({ pii: "gizli" }, "first");
    ${then}`;
  return ["--import", "tsx", "--input-type=module", "--eval", source];
}

describe("log lines that are gathered", () => {
  it("are written when the process ends before their time", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, program(3_600_000, "process.exit(0);"));
    expect(JSON.parse(stdout)).toMatchObject({ event: "first", service: "test" });
    expect(stdout).not.toContain("gizli");
  });

  it("do not wait for further ones", async () => {
    const child = spawn(process.execPath, program(1, "process.stdin.resume();"), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      expect(JSON.parse(line)).toMatchObject({ event: "first" });
    } finally {
      child.kill();
    }
  });
});
