import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insertRequests } from "../../services/records/insert-requests.ts";
import { migrate } from "../../services/storage/migrate.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { TestPostgres } from "../support/postgres.ts";
import { requestRow } from "../support/request-row.ts";

const ours = "services/storage/migrations";
const next = "9999-of-the-next-version.sql";
const folder = mkdtempSync(join(tmpdir(), "sektor-upgrade-"));
let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
  cpSync(ours, folder, { recursive: true });
  writeFileSync(join(folder, next), "alter table requests add column if not exists of_the_next_version text;");
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs what docs/operations.md tells under this name, as it stands there. @returns what it printed */
function run(name: string, environment: Readonly<Record<string, string>>): string {
  const [, commands] = readFileSync("docs/operations.md", "utf8").split(`\`\`\`bash\n# ${name}\n`);
  const script = commands?.split("```")[0];
  if (script === undefined) throw new Error(`docs/operations.md has no commands "${name}".`);
  return execFileSync("bash", ["-euc", script], {
    cwd: folder,
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
}
const keptIds = async (database: Awaited<ReturnType<typeof openPostgresDatabase>>) =>
  (await database.query<{ id: string }>("select id from requests order by id")).rows.map(({ id }) => id);

it("goes on with tables that a newer version has brought further, and does not start on them until it is told to", async () => {
  const url = await server.createDatabase("upgraded");
  const environment = { SEKTOR_POSTGRES_URL: url };
  await using old = await openPostgresDatabase({ url });
  await insertRequests(old, [requestRow("before")]);

  // The new version's `sektor migrate`, while the old gateway serves.
  expect(await migrate(old, folder)).toEqual([next]);
  await insertRequests(old, [requestRow("while")]);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  expect(run("postgres: which migrations are applied", environment).trim().split("\n")).toEqual(names.sort());

  await expect(openPostgresDatabase({ url })).rejects.toMatchObject({ code: "migration_changed" });
  expect(await keptIds(old)).toEqual(["before", "while"]);

  run("postgres: let the former version start although NAME was applied", { ...environment, NAME: next });
  await using back = await openPostgresDatabase({ url });
  await insertRequests(back, [requestRow("back")]);
  expect(await keptIds(back)).toEqual(["back", "before", "while"]);
  expect(await migrate(back, folder)).toEqual([next]);
});

it("finds one request in the log by its id, and counts what failed, by the commands of the documents", () => {
  const line = (facts: object) =>
    `${JSON.stringify({ level: 30, service: "sektor", event: "request-end", ...facts })}\n`;
  const failed = { method: "POST", route: "/api/v1/chat", status: 503, ms: 4 };
  const lines = [
    line({ reqId: "one", method: "GET", route: "/health", status: 200, ms: 1 }),
    line({ reqId: "two", ...failed }),
    line({ reqId: "three", ...failed }),
  ];
  writeFileSync(join(folder, "sektor.log"), lines.join(""));
  expect(run("log: one request, by its id", { REQUEST_ID: "two" })).toBe(lines[1]);
  expect(run("log: what failed, counted by route and status", {}).trim()).toBe('2 "route":"/api/v1/chat","status":503');
});
