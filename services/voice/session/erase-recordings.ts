import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes the recordings of a user, and those of the sessions given. @returns how many */
export type EraseRecordings = (userId: string, sessionIds: readonly string[]) => Promise<number>;

/**
 * By the `consent.json` beside each recording, which says whose it is; a folder without a readable one is not ours, and stays.
 * @param folder "": nothing was ever recorded
 */
export function createRecordingEraser(folder: string): EraseRecordings {
  return async (userId, sessionIds) => {
    if (folder === "") return 0;
    let erased = 0;
    for (const name of await namesIn(folder)) {
      const place = join(folder, name);
      const owners = await ownersIn(place);
      if (!owners.userIds.has(userId) && !sessionIds.some((id) => owners.sessionIds.has(id))) continue;
      await rm(place, { recursive: true });
      erased++;
    }
    return erased;
  };
}

/** None where nobody has been recorded yet. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory()).map(({ name }) => name);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw failure;
  }
}

interface Owners {
  readonly userIds: ReadonlySet<unknown>;
  readonly sessionIds: ReadonlySet<unknown>;
}

async function ownersIn(place: string): Promise<Owners> {
  const consent = await consentIn(place);
  // One user and one session is how it was written at first.
  const all = (list: unknown, one: unknown) => new Set([...(Array.isArray(list) ? list : []), one]);
  return {
    userIds: all(consent["userIds"], consent["userId"]),
    sessionIds: all(consent["sessionIds"], consent["sessionId"]),
  };
}

async function consentIn(place: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const consent: unknown = JSON.parse(await readFile(join(place, "consent.json"), "utf8"));
    return typeof consent === "object" && consent !== null ? { ...consent } : {};
  } catch {
    return {};
  }
}
