import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../../../../services/settings/index.ts";
import { everyTrace } from "../../../support/traced-gateway.ts";

/** How many files of what makes and sends traces a process has read when its tracing was opened; prom-client reads OpenTelemetry's API itself. */
async function filesRead(endpoint: string): Promise<number> {
  const program = `
    const { openTracing } = await import("./services/observability/tracing/open-tracing.ts");
    const { createRequire } = await import("node:module");
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const tracing = { ...${JSON.stringify(everyTrace)}, endpoint: ${JSON.stringify(endpoint)} };
    await openTracing(tracing, { service: "sektor", version: "1", log });
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => /opentelemetry.(sdk|otlp|exporter|resources)/.test(path)).length);
    process.exit(0);`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout.trim());
}

describe("a process without a collector", () => {
  it("reads nothing of what makes and sends traces, unlike one with", async () => {
    const [without, withOne] = await Promise.all(["", "http://127.0.0.1:9"].map(filesRead));
    expect(without).toBe(0);
    expect(withOne).toBeGreaterThan(10);
  }, 120_000);
});

describe("the tracing settings", () => {
  const tracingOf = (environment: Readonly<Record<string, string>>) =>
    loadSettings("tests/support/no-such-folder", environment).tracing;

  it("name no collector unless somebody does", () => {
    expect(tracingOf({})).toMatchObject({ endpoint: "", sampleRatio: 0.1, fromCallers: true });
  });

  it("go by OpenTelemetry's own variables, and before them by ours", () => {
    const standard = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-scope=voice",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    };
    const read = {
      endpoint: "http://collector:4318",
      headers: ["authorization=Bearer%20abc", "x-scope=voice"],
      sampleRatio: 0.25,
    };
    expect(tracingOf(standard)).toMatchObject(read);
    const ours = { SEKTOR_TRACING_ENDPOINT: "https://own/otlp", SEKTOR_TRACING_SAMPLE_RATIO: "1" };
    expect(tracingOf({ ...standard, ...ours })).toMatchObject({
      ...read,
      endpoint: "https://own/otlp",
      sampleRatio: 1,
    });
  });

  it.each([
    { SEKTOR_TRACING_ENDPOINT: "collector:4318" },
    { SEKTOR_TRACING_SAMPLE_RATIO: "1.5" },
    { SEKTOR_TRACING_HEADERS: "no-value" },
    { SEKTOR_TRACING_FROM_CALLERS: "perhaps" },
  ])("refuse %o, by name", (environment) => {
    expect(() => tracingOf(environment)).toThrow("/tracing/");
  });
});
