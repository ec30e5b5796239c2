import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { request } from "undici";
import { contentTypes } from "../services/observability/index.ts";
import { loadSectors } from "../services/settings/index.ts";
import { type Cost, cpuContest, startCollector } from "./support/cpu-contest.ts";
import type { BenchOptions } from "./support/options.ts";
import { profiledShare } from "./support/profiled-share.ts";
import { freePort, isEvent, type Program, startProgram } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const key = "bench";
const rounds = 48;
const access = { SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex") };
const unlimited = { SEKTOR_REQUESTS_PER_MINUTE: "0", SEKTOR_KEY_PER_MINUTE: "0", SEKTOR_STREAMS_PER_KEY: "0" };
const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };

/** What the metrics cost: a scrape of a busy platform, and the gateway's CPU for every chat. */
export async function metricsBench({ quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  try {
    const scrapes = await measureScrapes(join(folder, "scraped"), quick ? 20 : 200);
    const costs = await measureCpu(folder, quick);
    return table(scrapes, costs, await measureShare(folder, quick), quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Scrapes {
  readonly text: readonly number[];
  readonly openMetrics: readonly number[];
  readonly series: number;
  readonly bytes: number;
}

/** The whole platform, model included, after every sector was asked in several ways and every route was hit. */
async function measureScrapes(folder: string, count: number): Promise<Scrapes> {
  await using gateway = await startServe({
    ...access,
    ...unlimited,
    SEKTOR_DATA: folder,
    SEKTOR_PRICE_GPU_HOUR: "1",
    SEKTOR_USER_PER_HOUR: "0",
    SEKTOR_USER_PER_DAY: "0",
  });
  await beBusy(gateway.url);
  const scrape = async (accept: string): Promise<{ readonly ms: number; readonly text: string }> => {
    const startedAt = performance.now();
    const { body } = await request(`${gateway.url}/metrics`, { headers: { ...headers, accept } });
    const text = await body.text();
    return { ms: performance.now() - startedAt, text };
  };
  const { text } = await scrape(contentTypes.prometheus);
  const times = async (accept: string): Promise<readonly number[]> => {
    const all: number[] = [];
    for (let at = 0; at < count; at++) all.push((await scrape(accept)).ms);
    return all;
  };
  return {
    text: await times(contentTypes.prometheus),
    openMetrics: await times(contentTypes.openmetrics),
    series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
    bytes: text.length,
  };
}

async function beBusy(url: string): Promise<void> {
  const send = async (method: "GET" | "POST", path: string, body?: object): Promise<unknown> => {
    const answer = await request(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return answer.headers["content-type"]?.includes("json") === true && text !== "" ? JSON.parse(text) : text;
  };
  for (const { id: sector } of loadSectors(resolve("configs/sectors.yaml")).all) {
    const chat = { message: "Merhaba, bir sorum var.", sector, max_tokens: 3 };
    const { data } = (await send("POST", "/api/v1/chat", chat)) as { data: { message_id: string } };
    await send("POST", "/v1/chat/completions", {
      model: sector,
      messages: [{ role: "user", content: "Merhaba" }],
      max_tokens: 3,
    });
    await send("POST", "/v1/completions", { model: sector, prompt: "Merhaba", max_tokens: 3 });
    for (const rating of [2, 5]) await send("POST", "/v1/feedback", { message_id: data.message_id, rating });
  }
  const { paths } = (await send("GET", "/openapi.json")) as { paths: Record<string, Record<string, unknown>> };
  for (const [path, methods] of Object.entries(paths)) {
    const asked = path.replace(/\{[^}]+\}/g, "none");
    if ("get" in methods) await send("GET", asked);
    // Refused for what is missing in it: an error of its own for each.
    if ("post" in methods) await send("POST", asked, {});
  }
}

/** Environment of a gateway on free ports whose engine answers at `enginePort`. */
function gatewayOver(enginePort: number, data: string): Readonly<Record<string, string>> {
  return {
    ...access,
    ...unlimited,
    SEKTOR_PORT: "0",
    SEKTOR_VOICE_PORT: "0",
    SEKTOR_GRPC_PORT: "0",
    SEKTOR_ENGINE: "sektor",
    SEKTOR_ENGINE_URL: `http://127.0.0.1:${enginePort}`,
    SEKTOR_DATA: data,
  };
}

/** Four gateways side by side over a scripted engine. */
async function measureCpu(folder: string, quick: boolean): Promise<readonly Cost[]> {
  const enginePort = await freePort();
  const programs: Program[] = [];
  await using collector = await startCollector();
  try {
    const engine = startProgram(process.execPath, [
      ...["--import", "tsx", "bench/support/scripted-infer.ts"],
      String(enginePort),
    ]);
    programs.push(engine);
    await engine.line((text) => text === "ready", 60_000);
    const open = async (name: string, program: string, more: Readonly<Record<string, string>> = {}) => {
      const started = startProgram(process.execPath, ["--import", "tsx", program], {
        ...gatewayOver(enginePort, join(folder, name.replaceAll(/\W/g, "-"))),
        ...more,
      });
      programs.push(started);
      const { url, pid } = JSON.parse(await started.line(isEvent("serve-ready"), 180_000)) as {
        url: string;
        pid: number;
      };
      return { name, url, pid };
    };
    const uncounted = "bench/support/uncounted-gateway.ts";
    const serve = "services/main/serve.ts";
    return await cpuContest(
      [
        await open("nothing counted", uncounted),
        await open("nothing counted, once more", uncounted),
        await open("metrics", serve),
        await open("metrics, and one trace in ten", serve, { SEKTOR_TRACING_ENDPOINT: collector.url }),
      ],
      { key, rounds: quick ? 2 : rounds, batch: 150, warmUp: quick ? 150 : 900, atOnce: 4 },
    );
  } finally {
    for (const program of programs.reverse()) await program[Symbol.asyncDispose]();
  }
}

/** What V8's profiler finds in the code of metrics and traces while a gateway answers chats. */
async function measureShare(folder: string, quick: boolean): Promise<number> {
  const profiles = join(folder, "profiles");
  const enginePort = await freePort();
  await using collector = await startCollector();
  await using engine = startProgram(process.execPath, [
    ...["--import", "tsx", "bench/support/scripted-infer.ts"],
    String(enginePort),
  ]);
  await engine.line((text) => text === "ready", 60_000);
  {
    const profiled = ["--cpu-prof", "--cpu-prof-dir", profiles, "--import", "tsx", "services/main/serve.ts"];
    await using gateway = startProgram(process.execPath, profiled, {
      ...gatewayOver(enginePort, join(folder, "profiled")),
      SEKTOR_TRACING_ENDPOINT: collector.url,
    });
    const ready = await gateway.line(isEvent("serve-ready"), 180_000);
    const { url, pid } = JSON.parse(ready) as { url: string; pid: number };
    const one = { name: "profiled", url, pid };
    await cpuContest([one], { key, rounds: 1, batch: quick ? 300 : 6000, warmUp: 1, atOnce: 4 });
  }
  return profiledShare(profiles, (file) => countingCode.test(file));
}

/** Metrics and traces, and what carries a trace from step to step. */
const countingCode =
  /services\/observability\/(?!logger)|services\/main\/observing\/|\/request-metrics|foundation\/span|node_modules\/(prom-client|tdigest|bintrees|@opentelemetry)\//;

function table(
  { text, openMetrics, series, bytes }: Scrapes,
  costs: readonly Cost[],
  share: number,
  quick: boolean,
): BenchTable {
  const at = (times: readonly number[], p: number): number => rounded(percentile(times, p), 1);
  const signed = (percent: number): string => `${percent >= 0 ? "+" : ""}${rounded(percent, 1)}`;
  const cost = costs.map(({ name, ms, more, between: [low, high] }, row): (string | number)[] => [
    `CPU of a chat, ${name}`,
    `${rounded(ms, 3)} ms`,
    row === 0 ? "" : `${signed(more)} % (${signed(low)} to ${signed(high)})`,
  ]);
  return {
    title: "Metrics: what they cost",
    columns: ["what", "measured", "beside it"],
    rows: [
      ["scrape of the whole platform, p50", `${at(text, 0.5)} ms`, `p95 ${at(text, 0.95)} ms`],
      ["the same as OpenMetrics, p50", `${at(openMetrics, 0.5)} ms`, `p95 ${at(openMetrics, 0.95)} ms`],
      ["series in it", series, `${Math.round(bytes / 1024)} KiB`],
      ...cost,
      ["share of the gateway's CPU in the code of metrics and traces", `${rounded(100 * share, 1)} %`, ""],
    ],
    notes: [
      "Goals: a scrape ≤ 20 ms and ≤ 3 000 series with 22 sectors; metrics and traces together ≤ 3 % of the gateway's CPU.",
      "Scraped: `serve` with its engine process, one scrape after another, after each of the 22 sectors was asked over three routes and " +
        "rated twice, and after every GET and POST route was asked once more with nothing in it.",
      `CPU: ${quick ? 2 : rounds} rounds of 150 × POST /api/v1/chat (new session, all by default, 4 at once) on each of four gateways in turn; ` +
        "user and system time of the gateway's process, all its threads, median of the rounds; beside it how much more than the first " +
        "gateway's in the same round, median and where the true median lies 19 times in 20. The engine is a script. The second gateway is the first " +
        "once more: two processes of the same program differ as well.",
      "Share: V8's profiler over another gateway, with one trace in ten, from its start through 6 000 chats; all its threads, without the " +
        "garbage collector's time, of which nobody can say whose it is.",
    ],
  };
}
