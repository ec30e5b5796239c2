import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PgliteConnection } from "./pglite-connection.ts";

/** Beside the dependencies, as everything is that can be made again. */
const shippedCache = fileURLToPath(new URL("../../../node_modules/.cache/sektor-database/", import.meta.url));
const makeLimitMs = 120_000;
const closeLimitMs = 10_000;

/**
 * A database nobody has written to yet. Making one takes seconds, copying it a moment: `npm ci` makes it, so that the first start need not.
 * @returns its folder, as this version of the database wants it; it need not exist
 */
export function templateFolder(cache = shippedCache): string {
  return join(cache, templateName());
}

/** Makes it, if it is not there, and removes those of other versions. @returns its folder */
export async function makeTemplate(cache = shippedCache): Promise<string> {
  const folder = templateFolder(cache);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, "making-"));
  try {
    const connection = await PgliteConnection.open(made, makeLimitMs, () => undefined);
    await connection.close(closeLimitMs);
    renameSync(made, folder);
  } catch (failure) {
    rmSync(made, { recursive: true, force: true });
    throw failure;
  }
  for (const name of readdirSync(cache)) {
    if (join(cache, name) !== folder) rmSync(join(cache, name), { recursive: true, force: true });
  }
  return folder;
}

function templateName(): string {
  const require = createRequire(import.meta.url);
  const pglite = dirname(require.resolve("@electric-sql/pglite"));
  const { version } = JSON.parse(readFileSync(join(pglite, "..", "package.json"), "utf8")) as { version: string };
  // How it is first set up is fixed then and there.
  const start = readFileSync(fileURLToPath(new URL("./pglite-start.ts", import.meta.url)));
  return `${version}-${createHash("sha256").update(start).digest("hex").slice(0, 12)}`;
}
