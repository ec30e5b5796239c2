import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { checkMonitoring, pagesFiring } from "../../../scripts/deploy/monitoring-check.ts";

type Severity = "page" | "ticket" | "watchdog";
interface Firing {
  readonly name: string;
  readonly severity: Severity;
}

/** A Prometheus that sees one target and one rule, and says at each look what fires. */
async function withPrometheus<T>(firing: (look: number) => readonly Firing[], use: (url: string) => Promise<T>) {
  let looks = 0;
  const answers: Readonly<Record<string, () => object>> = {
    "/api/v1/targets?state=active": () => ({
      activeTargets: [{ labels: { job: "sektor-gateway", instance: "a" }, health: "up", lastError: "" }],
    }),
    "/api/v1/rules": () => ({ groups: [{ name: "g", interval: 1, rules: [{ name: "r", health: "ok" }] }] }),
    "/api/v1/alerts": () => ({
      alerts: firing(looks++).map(({ name, severity }) => ({ labels: { alertname: name, severity }, state: "firing" })),
    }),
  };
  const server = createServer(({ url = "" }, response) => response.end(JSON.stringify({ data: answers[url]?.() })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const jobs = ["sektor-gateway"];
const page = { name: "SektorErrorRateHigh", severity: "page" } as const;
const ticket = { name: "SektorFeedbackDrop", severity: "ticket" } as const;
const watchdog = { name: "SektorWatchdog", severity: "watchdog" } as const;

it("a page that goes on firing is a fault of the deployment", async () => {
  const { faults } = await withPrometheus(
    () => [page, watchdog],
    (url) => checkMonitoring({ url, jobs }, 1_000),
  );
  expect(faults).toEqual(["uyarı çalıyor: SektorErrorRateHigh"]);
});

it("a page that stops is none: the deployment itself may have set it off", async () => {
  const { faults, standing } = await withPrometheus(
    (look) => (look < 2 ? [page] : []),
    (url) => checkMonitoring({ url, jobs }, 20_000),
  );
  expect([faults, standing]).toEqual([[], []]);
});

it("what fired before, and what wakes nobody, is told and takes nothing back", async () => {
  const { faults, standing } = await withPrometheus(
    () => [page, ticket, watchdog],
    async (url) => checkMonitoring({ url, jobs, firedBefore: await pagesFiring(url) }, 1_000),
  );
  expect(faults).toEqual([]);
  expect(standing).toEqual([page.name, ticket.name]);
});

it("nothing fired before where nobody watched", async () => {
  expect(await pagesFiring("http://127.0.0.1:9")).toEqual([]);
});
