import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEraseUser } from "../../../../services/main/handlers/erase-user.ts";
import { createMemoryKnowledge } from "../../../../services/retrieval/memory-knowledge.ts";
import type { SessionPatch } from "../../../../services/voice/events/index.ts";
import { createRecordingEraser } from "../../../../services/voice/index.ts";
import { buildTestGateway } from "../../../support/gateway.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";
import { sectorsWith, wordRouter } from "../../conversation/parts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sektor-recordings-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param userId whose key it is; null: nobody's */
const open = (userId: string | null = null) =>
  openSpokenSession({
    recognizer: { hear: () => "legal soru soruyorum" },
    parts: { recordingFolder: folder },
    caller: { caller: { keyId: "key-1", scopes: ["voice"], sectors: null, userId } },
  });
const update = (house: SpokenSession, session: Omit<SessionPatch, "type">) =>
  house.send({ type: "session.update", session: { type: "realtime", ...session } });
const placeOf = (house: SpokenSession) => join(folder, house.last("session.created")?.session.id ?? "");
const consentOf = async (house: SpokenSession) =>
  JSON.parse(await readFile(join(placeOf(house), "consent.json"), "utf8"));
const namesIn = async (place: string) => (await readdir(place)).sort();

/** One question and its whole answer. */
async function turn(house: SpokenSession): Promise<void> {
  await house.say();
  await house.wait(6000);
}

/** Everything of a call that goes on has reached its folder. */
const written = (house: SpokenSession, files: number) =>
  vi.waitFor(async () => {
    const names = (await namesIn(placeOf(house))).filter((name) => name.endsWith(".wav"));
    expect([names.length, (await consentOf(house)).sessionIds.length]).toEqual([files, 1]);
  });

/** As an administrator asks for it. */
async function erase(house: SpokenSession, userId: string): Promise<unknown> {
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    eraseUser: () =>
      createEraseUser(
        house.sessions,
        { flush: async () => {}, eraseUser: async () => 0 },
        { eraseUser: async () => 0 },
        createRecordingEraser(folder),
      ),
  });
  const reply = await app.inject({ method: "DELETE", url: `/v1/users/${encodeURIComponent(userId)}/data` });
  await app.close();
  return reply.json().erased;
}

describe("recordings", () => {
  it("are made of both sides, and only where the settings and the speaker agree", async () => {
    const silent = await open();
    await turn(silent);
    await silent.session.close();
    expect(await readdir(folder)).toEqual([]);
    const house = await open();
    await update(house, { x_record: true, x_user_id: "ayşe" });
    await turn(house);
    await house.session.close();
    expect(await namesIn(placeOf(house))).toEqual(["0001-caller.wav", "0002-reply.wav", "consent.json"]);
    const reply = await readFile(join(placeOf(house), "0002-reply.wav"));
    expect(reply.length - 44).toBeCloseTo((house.last("x.metrics")?.metrics.audio_ms ?? 0) * 32, -3);
  });

  it("hold a reply at its own length where it has a format of its own", async () => {
    const house = await open();
    await update(house, { x_record: true, output_modalities: ["text"] });
    const content = [{ type: "input_text", text: "legal soru" }] as const;
    const item = { type: "message", role: "user", content } as const;
    await house.send({ type: "conversation.item.create", item });
    const output = { format: { type: "audio/pcmu" } } as const;
    await house.send({ type: "response.create", response: { output_modalities: ["audio"], audio: { output } } });
    await house.wait(6000);
    await house.session.close();
    const reply = await readFile(join(placeOf(house), "0001-reply.wav"));
    expect(reply.length - 44).toBeCloseTo((house.last("x.metrics")?.metrics.audio_ms ?? 0) * 32, -3);
  });

  it("say when the speaker agreed, not when they first spoke", async () => {
    const house = await open();
    const before = house.nowIso();
    await update(house, { x_record: true });
    const after = house.nowIso();
    await turn(house);
    await turn(house);
    await house.session.close();
    const { agreedAt } = await consentOf(house);
    expect([before, agreedAt, after].toSorted()).toEqual([before, agreedAt, after]);
  });

  it("go by the user of the key, whatever name the session gives", async () => {
    const house = await open("ayşe");
    await update(house, { x_record: true, x_user_id: "ali" });
    await turn(house);
    await house.session.close();
    expect(await consentOf(house)).toMatchObject({
      userIds: ["ayşe"],
      sessionIds: [house.last("x.sector")?.session_id],
    });
  });

  it("are erased with the data of the user whose key it is", async () => {
    const house = await open("ayşe");
    await update(house, { x_record: true });
    await turn(house);
    await house.session.close();
    expect(await erase(house, "ali")).toMatchObject({ recordings: 0 });
    expect(await erase(house, "ayşe")).toMatchObject({ sessions: 1, recordings: 1 });
    expect(await readdir(folder)).toEqual([]);
  });

  it("are erased with the data of a user who is named, or whose conversation is gone on with, after they began", async () => {
    const named = await open();
    const went = await open();
    await went.sessions.append("earlier", {
      owner: "key-1",
      userId: "ayşe",
      sector: "legal",
      messages: [{ id: "m1", role: "user", content: "legal ilk", at: "2025-12-31T00:00:00.000Z" }],
    });
    for (const [house, later] of [
      [named, { x_user_id: "ayşe" }],
      [went, { x_session_id: "earlier" }],
    ] as const) {
      await update(house, { x_record: true });
      await turn(house);
      await update(house, later);
      await house.session.close();
      expect(await erase(house, "ayşe")).toMatchObject({ recordings: 1 });
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("belong to everybody whose name the session had while they were made", async () => {
    const house = await open();
    await update(house, { x_record: true, x_user_id: "ayşe" });
    await turn(house);
    await update(house, { x_user_id: "ali" });
    await house.session.close();
    expect((await consentOf(house)).userIds).toEqual(["ayşe", "ali"]);
    expect(await erase(house, "ayşe")).toMatchObject({ recordings: 1 });
  });

  it("that go on after they were erased can be erased again", async () => {
    const house = await open("ayşe");
    await update(house, { x_record: true });
    await turn(house);
    await written(house, 2);
    expect(await erase(house, "ayşe")).toMatchObject({ recordings: 1 });
    await turn(house);
    await house.session.close();
    expect(await namesIn(placeOf(house))).toEqual(["0003-caller.wav", "0004-reply.wav", "consent.json"]);
    expect(await erase(house, "ayşe")).toMatchObject({ recordings: 1 });
  });

  it("that were erased leave nothing behind when the session ends", async () => {
    const house = await open();
    await update(house, { x_record: true, x_user_id: "ayşe" });
    await turn(house);
    await written(house, 2);
    expect(await erase(house, "ayşe")).toMatchObject({ recordings: 1 });
    await update(house, { x_record: false, x_user_id: "ali" });
    await house.session.close();
    expect(await readdir(folder)).toEqual([]);
  });
});
