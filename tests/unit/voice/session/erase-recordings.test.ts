import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRecordingEraser } from "../../../../services/voice/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sektor-erase-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function recorded(name: string, consent: object | string | undefined): Promise<string> {
  const place = join(folder, name);
  await mkdir(place);
  await writeFile(join(place, "0001-caller.wav"), "");
  const text = typeof consent === "string" ? consent : JSON.stringify(consent);
  if (consent !== undefined) await writeFile(join(place, "consent.json"), text);
  return place;
}

it("erases what was recorded of a user, by name or by session, and nobody else's", async () => {
  const theirs = [
    await recorded("a", { userIds: ["ali", "ayşe"], sessionIds: [] }),
    await recorded("b", { userIds: [], sessionIds: ["s-0", "s-1"] }),
    await recorded("as-written-at-first", { userId: "ayşe", sessionId: null }),
  ];
  const others = [
    await recorded("c", { userIds: ["ali"], sessionIds: ["s-2"] }),
    await recorded("d", { userId: null, sessionId: null }),
    await recorded("e", "{"),
    await recorded("f", undefined),
  ];
  expect(await createRecordingEraser(folder)("ayşe", ["s-1"])).toBe(3);
  expect(theirs.some((place) => existsSync(place))).toBe(false);
  expect(others.every((place) => existsSync(place))).toBe(true);
  expect(await createRecordingEraser(folder)("ayşe", ["s-1"])).toBe(0);
});

it("has nothing to erase where nothing is recorded, or nothing was yet", async () => {
  expect(await createRecordingEraser("")("ayşe", [])).toBe(0);
  expect(await createRecordingEraser(join(folder, "not-yet"))("ayşe", [])).toBe(0);
});

it("does not say that it has erased what it could not look at", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(createRecordingEraser(join(folder, "file"))("ayşe", [])).rejects.toThrow("ENOTDIR");
});
