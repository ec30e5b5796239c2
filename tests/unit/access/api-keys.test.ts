import { createHash } from "node:crypto";
import { expect, it, vi } from "vitest";
import { type ApiKeyStore, scopes } from "../../../services/access/index.ts";
import { createApiKeys, type KeptApiKeysOptions } from "../../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../../services/access/memory-api-key-store.ts";

const wanted = { name: "Deneme", scopes: ["chat"], sectors: null, userId: null, expiresAt: null } as const;

/** Counts what the store is asked, and can be switched off. */
function watched(store: ApiKeyStore = createMemoryApiKeyStore()) {
  const state = { reads: 0, away: false };
  const watchedStore: ApiKeyStore = {
    ...store,
    bySecretPrefix: async (prefix) => {
      state.reads += 1;
      if (state.away) throw new Error("away");
      return store.bySecretPrefix(prefix);
    },
  };
  return { state, store: watchedStore };
}

function open(options: Partial<KeptApiKeysOptions> = {}) {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const { state, store } = watched(options.store);
  const keys = createApiKeys({ nowMs: () => clock.nowMs, freshMs: 1000, staleMs: 60_000, ...options, store });
  return { keys, clock, state, store };
}

/** The same key with another last letter. */
const altered = (text: string) => text.slice(0, -1) + (text.endsWith("A") ? "B" : "A");

it("makes keys of 256 random bits with a public beginning", async () => {
  const { keys } = open();
  const minted = [await keys.create(wanted), await keys.create(wanted)];
  for (const { text, key } of minted) {
    expect(text).toMatch(/^sk-sektor-[0-9a-f]{12}-[A-Za-z0-9_-]{43}$/);
    expect(text.split("-")[2]).toBe(key.prefixes[0]?.prefix);
  }
  expect(minted[0]?.text).not.toBe(minted[1]?.text);
});

it("tells who a key belongs to and what it may", async () => {
  const { keys } = open();
  const { text, key } = await keys.create({
    ...wanted,
    scopes: ["chat", "admin", "chat"],
    sectors: ["legal"],
    userId: "ayşe",
  });
  expect(await keys.identify(text)).toEqual({
    keyId: key.id,
    scopes: ["chat", "admin"],
    sectors: ["legal"],
    userId: "ayşe",
  });
});

it("knows no altered, foreign or malformed key", async () => {
  const { keys } = open();
  const { text } = await keys.create(wanted);
  const foreign = (await open().keys.create(wanted)).text;
  for (const wrong of [altered(text), foreign, "", "sk-sektor-", text.toUpperCase(), `${text} `, `x${text}`])
    expect(await keys.identify(wrong), wrong).toBeUndefined();
  expect(await keys.identify(text)).toBeDefined();
});

it("hashes a key once, and afterwards reads the store no more often than it must", async () => {
  const { keys, clock, state } = open();
  const { text } = await keys.create(wanted);
  await Promise.all(Array.from({ length: 20 }, () => keys.identify(text)));
  expect(state.reads).toBe(1);
  await keys.identify(text);
  expect(state.reads).toBe(1);
  clock.nowMs += 1000;
  await keys.identify(text);
  expect(state.reads).toBe(2);
});

it("does not even look for a wrong end of a known key a second time", async () => {
  const { keys, state } = open();
  const { text } = await keys.create(wanted);
  await keys.identify(altered(text));
  const before = state.reads;
  expect(await keys.identify(altered(text))).toBeUndefined();
  expect(state.reads).toBe(before);
});

it("ends a key at its expiry, though it was used a moment before", async () => {
  const { keys, clock } = open();
  const { text } = await keys.create({ ...wanted, expiresAt: new Date(clock.nowMs + 500) });
  expect(await keys.identify(text)).toBeDefined();
  clock.nowMs += 500;
  expect(await keys.identify(text)).toBeUndefined();
});

it("knows its keys through a clock that jumps, and a revoked one stays revoked", async () => {
  const { keys, clock } = open();
  const lasting = await keys.create(wanted);
  const brief = await keys.create({ ...wanted, expiresAt: new Date(clock.nowMs + 3_600_000) });
  const revoked = await keys.create(wanted);
  const known = async () =>
    (await Promise.all([lasting, brief, revoked].map(({ text }) => keys.identify(text)))).map(
      (caller) => caller !== undefined,
    );
  expect(await known()).toEqual([true, true, true]);
  await keys.revoke(revoked.key.id);
  clock.nowMs += 86_400_000;
  expect(await known()).toEqual([true, false, false]);
  clock.nowMs -= 2 * 86_400_000;
  expect(await known()).toEqual([true, true, false]);
});

it("does not trust what it knew of a key for longer because the clock was set back", async () => {
  const store = createMemoryApiKeyStore();
  const { keys } = open({ store });
  const other = open({ store });
  const { text, key } = await keys.create(wanted);
  await other.keys.identify(text);
  await keys.revoke(key.id);
  other.clock.nowMs -= 86_400_000;
  expect(await other.keys.identify(text)).toBeUndefined();
});

it("accepts the former secret for the grace time of a rotation, and the new one at once", async () => {
  const { keys, clock } = open();
  const first = await keys.create({ ...wanted, userId: "ayşe" });
  expect(await keys.identify(first.text)).toBeDefined();
  const second = await keys.rotate(first.key.id, 60);
  expect(second.key.id).toBe(first.key.id);
  clock.nowMs += 59_999;
  expect(await keys.identify(first.text)).toMatchObject({ keyId: first.key.id, userId: "ayşe" });
  expect(await keys.identify(second.text)).toMatchObject({ keyId: first.key.id, userId: "ayşe" });
  clock.nowMs += 1;
  expect(await keys.identify(first.text)).toBeUndefined();
  expect(await keys.identify(second.text)).toBeDefined();
});

it("ends the former secret at once when there is no grace", async () => {
  const { keys } = open();
  const { text, key } = await keys.create(wanted);
  await keys.identify(text);
  await keys.rotate(key.id, 0);
  expect(await keys.identify(text)).toBeUndefined();
});

it("ends a revoked key at once here, and in another process as soon as it looks again", async () => {
  const store = createMemoryApiKeyStore();
  const { keys } = open({ store });
  const other = open({ store });
  const { text, key } = await keys.create(wanted);
  expect([await keys.identify(text), await other.keys.identify(text)]).not.toContain(undefined);
  await keys.revoke(key.id);
  expect(await keys.identify(text)).toBeUndefined();
  other.clock.nowMs += 1000;
  expect(await other.keys.identify(text)).toBeUndefined();
});

it("does not remember a key as valid that was revoked while it was being checked", async () => {
  const kept = createMemoryApiKeyStore();
  let pass = (): void => {};
  const gate = new Promise<void>((resolve) => {
    pass = resolve;
  });
  const slow: ApiKeyStore = {
    ...kept,
    bySecretPrefix: async (prefix) => {
      const found = await kept.bySecretPrefix(prefix);
      await gate;
      return found;
    },
  };
  const { keys } = open({ store: slow });
  const { text, key } = await keys.create(wanted);
  const early = keys.identify(text);
  await keys.revoke(key.id);
  pass();
  await early;
  expect(await keys.identify(text)).toBeUndefined();
});

it("lets those in who were in while the store is away, for a while, and nobody new", async () => {
  const { keys, clock, state } = open();
  const known = await keys.create(wanted);
  const unseen = await keys.create(wanted);
  await keys.identify(known.text);
  state.away = true;
  clock.nowMs += 59_000;
  expect(await keys.identify(known.text)).toBeDefined();
  await expect(keys.identify(unseen.text)).rejects.toThrow("away");
  clock.nowMs += 2_000;
  await expect(keys.identify(known.text)).rejects.toThrow("away");
  state.away = false;
  expect(await keys.identify(known.text)).toBeDefined();
});

it("refuses to rotate or revoke what is not there, and to rotate what is revoked", async () => {
  const { keys } = open();
  const { key } = await keys.create(wanted);
  await expect(keys.revoke("none")).rejects.toMatchObject({ code: "api_key_not_found", status: 404 });
  await expect(keys.rotate("none", 1)).rejects.toMatchObject({ code: "api_key_not_found" });
  await keys.revoke(key.id);
  await expect(keys.rotate(key.id, 1)).rejects.toMatchObject({ code: "api_key_not_found" });
});

it("asks for a key from the first one on, and goes on asking when the last one has ended", async () => {
  const store = createMemoryApiKeyStore();
  const { keys, clock } = open({ store });
  const other = open({ store });
  expect([await keys.areRequired(), await other.keys.areRequired()]).toEqual([false, false]);
  const { key } = await keys.create(wanted);
  expect(await keys.areRequired()).toBe(true);
  other.clock.nowMs += 1000;
  expect(await other.keys.areRequired()).toBe(true);
  await keys.revoke(key.id);
  clock.nowMs += 10_000;
  expect(await keys.areRequired()).toBe(true);
  expect(await open({ store }).keys.areRequired()).toBe(true);
});

it("takes the settings' keys, which may do everything, without asking the store", async () => {
  const environmentSha256 = ["bir", "iki"].map((key) => createHash("sha256").update(key).digest("hex"));
  const { keys, state } = open({ environmentSha256 });
  expect(await keys.areRequired()).toBe(true);
  expect(await keys.identify("iki")).toMatchObject({ scopes, sectors: null, userId: null });
  expect((await keys.identify("bir"))?.keyId).not.toBe((await keys.identify("iki"))?.keyId);
  expect(await keys.identify("üç")).toBeUndefined();
  expect(state.reads).toBe(0);
});

it("writes when keys were used last, all together, and what could not be written later", async () => {
  const kept = createMemoryApiKeyStore();
  const markUsed = vi.fn(kept.markUsed);
  markUsed.mockRejectedValueOnce(new Error("away"));
  const { keys, clock } = open({ store: { ...kept, markUsed }, markEveryMs: 5 });
  const [first, second] = [await keys.create(wanted), await keys.create(wanted)];
  await keys.identify(first.text);
  await keys.identify(second.text);
  const used = async () => [(await kept.byId(first.key.id))?.lastUsedAt, (await kept.byId(second.key.id))?.lastUsedAt];
  const now = new Date(clock.nowMs).toISOString();
  await expect.poll(used).toEqual([now, now]);
  clock.nowMs += 1000;
  await keys.identify(first.text);
  await keys[Symbol.asyncDispose]();
  expect((await kept.byId(first.key.id))?.lastUsedAt).toBe(new Date(clock.nowMs).toISOString());
});

it("does not stop the event loop while it hashes", async () => {
  const { keys } = open();
  const { text } = await keys.create(wanted);
  let ended = false;
  const check = keys.identify(text).then(() => {
    ended = true;
  });
  let turns = 0;
  while (!ended) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await check;
  expect(turns).toBeGreaterThan(5);
});
