/**
 * Talks to a running server as a newcomer would: with curl, in six sectors, with and without `sector`, whole and streaming.
 * Prints the transcript; the last argument names a file for the counts.
 *
 *   node --import tsx scripts/smoke.ts http://127.0.0.1:8000 [results.json]
 *
 * SEKTOR_API_KEY: where the server asks for one.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const questions = [
  ["finance_banking", "Kredi kartı borcumu yapılandırmak istiyorum."],
  ["energy_distribution", "Mahallemizde elektrik kesildi, ne zaman gelir?"],
  ["healthcare", "Tahlil sonuçlarımı nereden görebilirim?"],
  ["ecommerce", "Siparişim hasarlı geldi, nasıl iade ederim?"],
  ["telecommunications", "Ev internetim çok yavaş, ne yapabilirim?"],
  ["agriculture", "Domates fidelerimin yaprakları sarardı, neden olabilir?"],
] as const;

interface Reply {
  readonly response: string;
  readonly sector: string | null;
  readonly confidence: number;
  readonly routed_by: string;
  readonly adapter: { readonly name: string; readonly version: string } | null;
}

const [url = "http://127.0.0.1:8000", resultFile] = process.argv.slice(2);
const key = process.env["SEKTOR_API_KEY"];
let passed = 0;
let failed = 0;

for (const [sector, message] of questions) {
  for (const forced of [false, true]) {
    for (const stream of [false, true]) {
      // Greedy, so that two runs say the same.
      const body = { message, temperature: 0, ...(forced ? { sector } : {}), ...(stream ? { stream } : {}) };
      console.log(`$ curl -s${stream ? "N" : ""} ${url}/api/v1/chat --json '${JSON.stringify(body)}'`);
      const faults = ask(body, stream, sector, forced ? "request" : "router");
      for (const fault of faults) console.log(`  FAULT: ${fault}`);
      if (faults.length === 0) passed++;
      else failed++;
    }
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
if (resultFile !== undefined) {
  writeFileSync(
    resultFile,
    JSON.stringify({ numTotalTests: passed + failed, numPassedTests: passed, numFailedTests: failed }),
  );
}
process.exitCode = failed === 0 ? 0 : 1;

/** One request. @returns what is wrong with its reply */
function ask(body: object, stream: boolean, sector: string, routedBy: string): readonly string[] {
  try {
    const text = curl(body);
    const reply = stream ? readStream(text) : (JSON.parse(text) as { data: Reply }).data;
    const adapter = reply.adapter === null ? "no adapter" : `${reply.adapter.name}@${reply.adapter.version}`;
    console.log(
      `  [${reply.sector}, ${reply.confidence.toFixed(2)}, ${reply.routed_by}, ${adapter}] ${reply.response}\n`,
    );
    return [
      ...(reply.sector === sector ? [] : [`the sector is ${reply.sector}, not ${sector}`]),
      ...(reply.routed_by === routedBy ? [] : [`it was routed by ${reply.routed_by}, not ${routedBy}`]),
      ...(reply.adapter?.name === sector ? [] : [`the adapter is ${adapter}`]),
      ...(reply.response.trim().length > 20 && /[ğüşıöçİ]/.test(reply.response)
        ? []
        : ["the reply is no Turkish sentence"]),
    ];
  } catch (failure) {
    return [String(failure)];
  }
}

function curl(body: object): string {
  return execFileSync(
    "curl",
    ["-sSN", "--fail-with-body", "--max-time", "120", `${url}/api/v1/chat`, "--json", JSON.stringify(body), "-H", "@-"],
    // Through its input: arguments can be seen by everybody on the machine.
    { encoding: "utf8", input: key === undefined ? "" : `Authorization: Bearer ${key}\n` },
  );
}

/** The `end` event, after checking that the deltas before it are its text. @throws Error when they are not */
function readStream(text: string): Reply {
  const events = text
    .split("\n\n")
    .filter((block) => block.trim() !== "")
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null") as Reply & { readonly text: string },
    }));
  const last = events.at(-1);
  if (events[0]?.event !== "routing") throw new Error(`the stream begins with ${events[0]?.event}, not with routing`);
  if (last?.event !== "end") throw new Error(`the stream ends with ${last?.event}, not with end`);
  const deltas = events.filter(({ event }) => event === "delta").map(({ data }) => data.text);
  // A quoted reply may come in one piece: nothing in it had to be chosen.
  if (deltas.length === 0) throw new Error("the reply did not come before the end");
  if (deltas.join("") !== last.data.response) throw new Error("the pieces are not the whole");
  return last.data;
}
