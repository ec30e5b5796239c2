import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDevCertificates } from "../../scripts/lib/dev-certificates.ts";

const limitMs = 900_000;
const run = promisify(execFile);

let work = "";
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "sektor-deploy-test-"));
  // Postgres runs as another user where we are root.
  chmodSync(work, 0o711);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Deployed {
  readonly code: number;
  readonly output: string;
  readonly report: string;
  readonly folder: string;
}

/** The command as anybody would type it. */
async function deploy(
  name: string,
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Deployed> {
  const folder = join(work, name);
  const report = join(work, `${name}.md`);
  const command = ["bin/sektor.js", "deploy", "--local", "--folder", folder, "--report", report, ...args];
  const env = { ...process.env, ...environment };
  const { code, stdout, stderr } = await run(process.execPath, command, { env, timeout: limitMs }).then(
    (ended) => ({ ...ended, code: 0 }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );
  const text = existsSync(report) ? readFileSync(report, "utf8") : "";
  return { code, output: stdout + stderr, report: text, folder };
}

/** Command lines of everything that runs out of this folder. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await run("ps", ["-eww", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.includes(folder) && !line.includes("ps -eww"));
}

const row = (report: string, begin: string): string | undefined =>
  report.split("\n").find((line) => line.startsWith(`| ${begin} |`));

describe("sektor deploy --local", () => {
  it(
    "brings everything up, finds every address answering, and leaves neither process nor folder behind",
    async () => {
      const { code, output, report, folder } = await deploy("whole");
      expect(report, output).toContain("# Dağıtım raporu: ✅ başarılı");
      expect(code).toBe(0);
      expect(report).not.toContain("❌");
      for (const endpoint of [
        "POST /api/v1/chat (SSE)",
        "GET /v1/realtime",
        "gRPC Inference/Generate",
        "yönetim dışarıya kapalı",
      ])
        expect(row(report, endpoint)).toContain("✅");
      for (const job of ["sektor-gateway", "sektor-infer", "sektor-work"])
        expect(report).toContain(`- ✅ ${job} (127.0.0.1:`);
      expect(await processesOf(folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    },
    limitMs,
  );

  it(
    "is red for an address that does not work, for a rule that fires, and says so with status 1",
    async () => {
      const rules = join(work, "rules");
      cpSync("monitoring/rules", rules, { recursive: true });
      writeFileSync(
        join(rules, "always.yml"),
        "groups:\n  - name: always\n    interval: 1s\n    rules:\n      - { alert: AlwaysOn, expr: vector(1), labels: { severity: page } }\n",
      );
      const { code, output, report, folder } = await deploy("broken", ["--rules", rules, "--scale", "1"], {
        SEKTOR_SYNTHESIZER: "off",
      });
      expect(code, output).toBe(1);
      expect(row(report, "POST /v1/audio/speech")).toContain("❌");
      expect(row(report, "GET /v1/models")).toContain("✅");
      expect(report).toContain("uyarı çalıyor: AlwaysOn");
      expect(await processesOf(folder)).toEqual([]);
    },
    limitMs,
  );

  it(
    "is red where the certificate is none that clients trust",
    async () => {
      const shown = makeDevCertificates(join(work, "shown"), ["127.0.0.1", "localhost"], 1);
      const other = makeDevCertificates(join(work, "other"), ["127.0.0.1", "localhost"], 1);
      const certificate = [
        "--certificate",
        shown.server.cert,
        "--certificate-key",
        shown.server.key,
        "--ca",
        other.ca.cert,
      ];
      const { code, output, report } = await deploy("certificate", [...certificate, "--scale", "1"]);
      expect(code, output).toBe(1);
      expect(row(report, "GET /v1/models")).toMatch(/❌.*certificate/);
    },
    limitMs,
  );

  it(
    "ends at a rule that Prometheus cannot read, and takes back what it had started",
    async () => {
      const rules = join(work, "unreadable");
      cpSync("monitoring/rules", rules, { recursive: true });
      writeFileSync(join(rules, "broken.yml"), "groups:\n  - name: x\n    rules:\n      - { record: y, expr: sum( }\n");
      const { code, output, report, folder } = await deploy("unreadable", ["--rules", rules, "--scale", "1"]);
      expect(code, output).toBe(1);
      expect(report).toMatch(/\| Prometheus \| ❌/);
      expect(report).toContain("| Duman testi | – atlandı");
      expect(await processesOf(folder)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    },
    limitMs,
  );
});
