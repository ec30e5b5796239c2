import { afterEach, describe, expect, it } from "vitest";
import { EngineUnavailableError } from "../../services/inference/index.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { startWatchedGateway, type WatchedOptions } from "../support/watched-gateway.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const patience = { timeout: 90_000, interval: 250 };

async function watched(environment: NonNullable<WatchedOptions["environment"]> = {}) {
  const one = await startWatchedGateway({ timesFaster: 15, environment });
  open.push(one);
  return one;
}

describe("an engine that breaks", () => {
  it("raises the page, which says where its runbook is, and takes it back when it works again", async () => {
    const { engine, monitoring, told } = await watched();
    await expect
      .poll(async () => (await monitoring.query("sektor:turkish_ai_unavailability:ratio1m"))[0]?.value, patience)
      .toBe(0);
    expect(await monitoring.query('up{job="sektor-gateway"}')).toMatchObject([{ value: 1 }]);
    // Rules that name a bucket find it among the gateway's.
    for (const share of ["sektor:first_token_slow:ratio1m", "sektor:engine_wait_slow:ratio1m"])
      await expect.poll(async () => (await monitoring.query(share))[0]?.value, patience).toBeLessThanOrEqual(1);
    expect(told("SektorErrorRateHigh", "firing")).toEqual([]);

    engine.follow({ fault: { afterTokens: 0, error: () => new EngineUnavailableError(1) } });
    await expect.poll(() => told("SektorErrorRateHigh", "firing").length, patience).toBeGreaterThan(0);
    expect(told("SektorErrorRateHigh", "firing")[0]).toMatchObject({
      to: "pages",
      labels: { severity: "page", area: "gateway" },
      annotations: {
        summary_tr: expect.stringMatching(/^İsteklerin [\d.]+% kadarı bizim hatamızla başarısız/),
        runbook_url: "https://git.example/sektor/blob/main/docs/runbooks/SektorErrorRateHigh.md",
      },
    });
    // What the annotations read is no label of the alert.
    expect(told("SektorErrorRateHigh", "firing")[0]?.labels).not.toHaveProperty("runbook_base");

    engine.follow({});
    await expect.poll(() => told("SektorErrorRateHigh", "resolved").length, patience).toBeGreaterThan(0);
    expect(await monitoring.brokenRules()).toEqual([]);
  }, 400_000);
});

describe("a traced request", () => {
  it("is found again in Prometheus: its latency was kept with its trace", async () => {
    const collector = await startOtlpReceiver();
    open.push(collector);
    const { monitoring } = await watched({
      SEKTOR_TRACING_ENDPOINT: collector.url,
      SEKTOR_TRACING_SAMPLE_RATIO: "1",
    });
    const series = 'turkish_ai_response_time_seconds_bucket{endpoint="/api/v1/chat"}';
    await expect.poll(async () => (await monitoring.exemplars(series)).length, patience).toBeGreaterThan(0);
    const kept = await monitoring.exemplars(series);
    const sent = await collector.until((spans) => spans.some(({ traceId }) => kept.includes(traceId)));
    expect(sent.find(({ traceId }) => kept.includes(traceId))?.service).toBe("sektor");
  }, 400_000);
});

describe("a gateway that is gone", () => {
  it("raises the page, and what follows from it stays quiet", async () => {
    const { gateway, monitoring, told, asking } = await watched();
    await expect.poll(async () => (await monitoring.query('up{job="sektor-gateway"}'))[0]?.value, patience).toBe(1);
    await asking[Symbol.asyncDispose]();
    await gateway.kill("SIGKILL");
    await expect.poll(() => told("SektorGatewayDown", "firing").length, patience).toBeGreaterThan(0);
    // It fires in Prometheus, and Alertmanager holds it back.
    const target = 'ALERTS{alertname="SektorTargetDown",alertstate="firing"}';
    await expect.poll(async () => (await monitoring.query(target)).length, patience).toBe(1);
    expect(told("SektorTargetDown", "firing")).toEqual([]);
  }, 400_000);
});
