/**
 * `npm run bench [-- name …] [--quick]`: runs each bench in a process of its own, one after another, prints its table and keeps it in
 * docs/bench/<name>.md. A quick run keeps nothing: its figures mean little.
 */
import { fork } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./support/machine.ts";
import { parseOptions } from "./support/options.ts";
import { type BenchTable, toMarkdown } from "./table.ts";

/** In this order: what must be true first, what takes long last. */
const benches = [
  "isolation",
  "engine",
  "start",
  "gateway",
  "metrics",
  "limits",
  "feedback",
  "serverless",
  "concurrency",
  "router",
  "voice",
  "nginx",
  "rolling-restart",
  "pages",
  "soak",
  "voice-soak",
];
const folder = "docs/bench";

const args = process.argv.slice(2);
const { options, names } = parseOptions(args);
const chosen = names.length === 0 ? benches : names;
const unknown = chosen.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(", ")}. There are: ${benches.join(", ")}.`);
  process.exit(2);
}
const flags = args.filter((arg) => !names.includes(arg));
let failed = 0;
for (const name of chosen) {
  console.error(`— ${name}`);
  const startedAt = performance.now();
  try {
    const table = await runBench(name);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const facts = [
      ...describeMachine(options.models),
      `Made by \`npm run bench -- ${[name, ...flags].join(" ")}\` in ${seconds} s, ${today()}`,
    ];
    const text = toMarkdown({ ...table, notes: [...(table.notes ?? []), ...facts] });
    console.log(text);
    if (!options.quick) keep(name, text);
  } catch (failure) {
    failed++;
    console.error(`${name}: ${String((failure as Error).message)}`);
  }
}
if (!options.quick) writeIndex();
process.exitCode = failed === 0 ? 0 : 1;

/** In a child, so that one bench's memory and threads do not disturb the next. */
async function runBench(name: string): Promise<BenchTable> {
  return await new Promise((resolve, reject) => {
    const child = fork("bench/run-one.ts", [name, ...flags], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let table: BenchTable | undefined;
    child.on("message", (message) => {
      table = message as BenchTable;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (table !== undefined && code === 0) resolve(table);
      else reject(new Error(`ended with ${signal ?? `status ${code}`}; its own message stands above.`));
    });
  });
}

function keep(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), text);
}

/** A list of what is there, by the tables' own titles. */
function writeIndex(): void {
  mkdirSync(folder, { recursive: true });
  const tables = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md");
  tables.sort((a, b) => benches.indexOf(a.slice(0, -3)) - benches.indexOf(b.slice(0, -3)));
  const list = tables.map(
    (file) => `- [${readFileSync(join(folder, file), "utf8").split("\n")[0]?.replace(/^# /, "")}](${file})`,
  );
  const head =
    "# Benches\n\nEach table is written by `npm run bench -- <name>`; `npm run bench` writes all. It states machine, commit, model and version.\n\n";
  writeFileSync(join(folder, "README.md"), `${head}${list.join("\n")}\n`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
