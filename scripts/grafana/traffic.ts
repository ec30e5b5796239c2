/**
 * Real traffic on a running gateway, for dashboards that would otherwise be empty: turns in all sectors, errors, feedback, jobs and calls.
 * The ratings are made up; on a gateway people use they would be counted with theirs.
 *
 *   npm run grafana:traffic -- [--url http://127.0.0.1:8000] [--minutes 5]
 */
import { parseArgs } from "node:util";
import { makeTraffic } from "./traffic/make-traffic.ts";

const { values } = parseArgs({
  options: { url: { type: "string", default: "http://127.0.0.1:8000" }, minutes: { type: "string", default: "5" } },
});
console.log(JSON.stringify(await makeTraffic(values.url, Number(values.minutes) * 60_000)));
