import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { traceExemplar } from "../../../services/observability/exemplar.ts";

const folder = "monitoring/grafana";
const good = "Kırmızı-bisiklet-7-göl";

/** Starts what stands for Grafana. @returns whether it was started, and what was said */
function start(environment: Readonly<Record<string, string>>) {
  const { PATH = "" } = process.env;
  const run = spawnSync("sh", [join(folder, "entrypoint.sh"), "echo", "started"], {
    env: { PATH, ...environment },
    encoding: "utf8",
  });
  return { isStarted: run.stdout.includes("started"), said: run.stderr, code: run.status };
}

describe("Grafana's start", () => {
  it.each([
    "",
    "admin",
    "admin123",
    "ADMIN123",
    "password",
    "Grafana-2026-x",
    "changeme",
    "benim-parolam-1",
    "kisa-7-gol",
  ])("is refused with the password %j", (password) => {
    const { isStarted, said, code } = start({ GF_SECURITY_ADMIN_PASSWORD: password });
    expect(isStarted).toBe(false);
    expect(code).toBe(78);
    expect(said).toContain("Grafana başlatılmadı");
  });

  it("is refused without any password", () => {
    expect(start({})).toMatchObject({ isStarted: false, code: 78 });
  });

  it("goes on with a password of one's own", () => {
    expect(start({ GF_SECURITY_ADMIN_PASSWORD: good })).toMatchObject({ isStarted: true, code: 0 });
  });

  it("reads the password from the file of a secret, and judges it alike", () => {
    const place = mkdtempSync(join(tmpdir(), "sektor-secret-"));
    try {
      const file = join(place, "password");
      writeFileSync(file, good);
      expect(start({ GF_SECURITY_ADMIN_PASSWORD__FILE: file }).isStarted).toBe(true);
      writeFileSync(file, "admin123\n");
      expect(start({ GF_SECURITY_ADMIN_PASSWORD__FILE: file }).isStarted).toBe(false);
      expect(start({ GF_SECURITY_ADMIN_PASSWORD__FILE: join(place, "gone") }).isStarted).toBe(false);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  it("never says the password", () => {
    expect(start({ GF_SECURITY_ADMIN_PASSWORD: "admin-çok-gizli" }).said).not.toContain("gizli");
  });
});

describe("what Grafana is provisioned with", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/.test(file));

  it("holds no password and no address of a machine", () => {
    expect(files.length).toBe(3);
    for (const file of files) {
      const text = readFileSync(join(folder, file), "utf8");
      expect(text, file).not.toMatch(/password|basicAuth|secureJsonData|https?:\/\//i);
    }
  });

  it("takes the addresses of its data sources from the environment", () => {
    const urls = readdirSync(join(folder, "datasources")).map((file) => {
      const { datasources } = parse(readFileSync(join(folder, "datasources", file), "utf8"));
      return datasources[0].url as string;
    });
    expect(urls.toSorted()).toEqual(["$ALERTMANAGER_URL", "$PROMETHEUS_URL"]);
  });

  it("knows how often Prometheus scrapes", () => {
    const { datasources } = parse(readFileSync(join(folder, "datasources/prometheus.yml"), "utf8"));
    const { global } = parse(readFileSync("monitoring/prometheus.yml", "utf8"));
    expect(datasources[0].jsonData.timeInterval).toBe(global.scrape_interval);
  });

  it("leads from a slow request to its trace, by the name that the metrics give it", () => {
    const { datasources } = parse(readFileSync(join(folder, "datasources/prometheus.yml"), "utf8"));
    const [destination] = datasources[0].jsonData.exemplarTraceIdDestinations;
    const label = Object.keys(traceExemplar("a".repeat(32)).exemplarLabels ?? {});
    expect([destination.name]).toEqual(label);
    // The guide says how to have a source of that name; without one Grafana offers no way on.
    expect(readFileSync("docs/guides/tracing.md", "utf8")).toContain(`uid: ${destination.datasourceUid}`);
  });

  it("lets nobody change in Grafana what the next start would undo", () => {
    const { providers } = parse(readFileSync(join(folder, "dashboards/provider.yml"), "utf8"));
    expect(providers[0]).toMatchObject({ allowUiUpdates: false, disableDeletion: true, type: "file" });
  });
});
