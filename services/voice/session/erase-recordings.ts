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
      const consent = await consentIn(place);
      if (consent?.userId !== userId && !sessionIds.some((id) => id === consent?.sessionId)) continue;
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

async function consentIn(
  place: string,
): Promise<{ readonly userId?: unknown; readonly sessionId?: unknown } | undefined> {
  try {
    const consent: unknown = JSON.parse(await readFile(join(place, "consent.json"), "utf8"));
    return typeof consent === "object" && consent !== null ? consent : undefined;
  } catch {
    return undefined;
  }
}
