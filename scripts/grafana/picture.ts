/**
 * Draws the dashboards as SVG from what a Prometheus holds: their panels, their expressions, its numbers.
 *
 *   npm run grafana:picture -- [--prometheus http://127.0.0.1:9090] [--out docs/dashboards] [--minutes 5] [--scrape 15]
 *
 * `--minutes` before now are shown; `--scrape` is Prometheus' scrape interval in seconds. With `--own` it starts a gateway with the embedded
 * model and a Prometheus of its own, makes traffic for so many minutes (scripts/grafana/traffic.ts), draws, and ends both.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServe } from "../../bench/support/serve.ts";
import { startPrometheus } from "./local/prometheus-process.ts";
import { drawAll } from "./picture/draw-all.ts";
import { makeTraffic } from "./traffic/make-traffic.ts";

/** What one's own run has, so that every panel has something to show. */
const ownEnvironment = {
  SEKTOR_MAX_RESIDENT_ADAPTERS: "16",
  SEKTOR_FORMS_PER_HOUR: "3",
  SEKTOR_SPEECH_QUALITY_SAMPLE: "1",
  SEKTOR_PRICE_CURRENCY: "USD",
  SEKTOR_PRICE_GPU_HOUR: "2",
};
const ownScrapeS = 2;

const { values } = parseArgs({
  options: {
    prometheus: { type: "string", default: "http://127.0.0.1:9090" },
    out: { type: "string", default: "docs/dashboards" },
    minutes: { type: "string", default: "5" },
    scrape: { type: "string", default: "15" },
    own: { type: "boolean", default: false },
  },
});
const rangeS = Number(values.minutes) * 60;

if (values.own) {
  const data = mkdtempSync(join(tmpdir(), "sektor-picture-"));
  try {
    await using gateway = await startServe({ SEKTOR_DATA: data, SEKTOR_GPU: "off", ...ownEnvironment });
    await using prometheus = await startPrometheus({
      scrapeS: ownScrapeS,
      rules: ["monitoring/rules/turkish_ai_metrics.yml", "monitoring/rules/turkish_ai_alerts.yml"],
      targets: { "sektor-gateway": [new URL(gateway.url).host] },
    });
    console.log(JSON.stringify(await makeTraffic(gateway.url, rangeS * 1000)));
    await draw(prometheus.url, ownScrapeS);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
} else {
  await draw(values.prometheus, Number(values.scrape));
}

async function draw(prometheusUrl: string, scrapeS: number): Promise<void> {
  for (const [picture, empty] of await drawAll({ prometheusUrl, folder: values.out, rangeS, scrapeS })) {
    console.log(`${picture}${empty.map((title) => `\n  veri yok: ${title}`).join("")}`);
  }
}
