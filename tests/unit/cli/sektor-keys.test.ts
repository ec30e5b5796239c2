import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createApiKeys } from "../../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../../services/access/memory-api-key-store.ts";
import type { OpenedKeys } from "../../../services/cli/index.ts";
import { openFolderKeys } from "../../../services/main/open/open-folder-keys.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";
import { commandLine } from "./command-line.ts";

const nobody = "http://127.0.0.1:9";
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startServer() {
  const { app, apiKeys } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
  });
  closers.push(() => app.close());
  return { url: await app.listen({ host: "127.0.0.1", port: 0 }), apiKeys };
}

/** The command line in this process, with a data folder in memory. */
function commandLineAt(url: string, { apiKey = "", isUrlChosen = false, openKeys = folderInMemory() } = {}) {
  return (...args: readonly string[]) => commandLine(args, { openKeys, defaults: { url, isUrlChosen, apiKey } });
}

function folderInMemory(): () => Promise<OpenedKeys> {
  const keys = createApiKeys({ store: createMemoryApiKeyStore() });
  return async () => ({ keys, folder: "/veri", sectorIds: ["legal"], [Symbol.asyncDispose]: async () => {} });
}

describe("sektor keys at a running server", () => {
  it("makes a key that the server knows, and writes it alone to stdout", async () => {
    const { url, apiKeys } = await startServer();
    const sektor = commandLineAt(url);
    const args = [
      "--name",
      "Örnek AŞ",
      "--scopes",
      "chat,admin",
      "--sectors",
      "legal",
      "--user",
      "ayşe",
      "--days",
      "30",
    ];
    const made = await sektor("keys", "create", ...args);
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^sk-sektor-[0-9a-f]{12}-\S{43}\n$/);
    expect(made.stderr).toMatch(/^\[key_\w+ · Örnek AŞ · chat, admin\] Bu anahtar bir daha gösterilmez\.\n$/);
    expect(await apiKeys.identify(made.stdout.trim())).toMatchObject({
      scopes: ["chat", "admin"],
      sectors: ["legal"],
      userId: "ayşe",
    });
    const [key] = await apiKeys.list();
    const days = (Date.parse(key?.expiresAt ?? "") - Date.parse(key?.createdAt ?? "")) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });

  it("lists, rotates and revokes with an administrator's key", async () => {
    const { url, apiKeys } = await startServer();
    const facts = { sectors: null, userId: null, expiresAt: null };
    const admin = await apiKeys.create({ ...facts, name: "Yönetici", scopes: ["admin"] });
    const { key, text } = await apiKeys.create({ ...facts, name: "Örnek", scopes: ["chat"] });
    const sektor = commandLineAt(url, { apiKey: admin.text });
    const listed = (await sektor("keys", "list")).stdout.split("\n");
    expect(listed[0]).toMatch(/^Kimlik +Ad +Yetkiler +Sektörler +Kullanıcı +Durum +Son kullanım +Başlangıcı$/);
    expect(listed.find((line) => line.startsWith(key.id))).toMatch(
      / Örnek +chat +hepsi +– +etkin +– +sk-sektor-[0-9a-f]{12}…$/,
    );
    const rotated = (await sektor("keys", "rotate", key.id, "--grace", "0")).stdout.trim();
    expect(await apiKeys.identify(text)).toBeUndefined();
    expect(await apiKeys.identify(rotated)).toMatchObject({ keyId: key.id });
    expect((await sektor("keys", "revoke", key.id)).stdout).toBe(`İptal edildi: ${key.id}\n`);
    expect(await apiKeys.identify(rotated)).toBeUndefined();
    expect((await sektor("keys", "list")).stdout).toMatch(/Örnek .* iptal /);
  });

  it("is refused without such a key, and does not go behind the server's back", async () => {
    const { url, apiKeys } = await startServer();
    await apiKeys.create({ name: "x", scopes: ["admin"], sectors: null, userId: null, expiresAt: null });
    const openKeys = async () => {
      throw new Error("not to be opened");
    };
    const { code, stderr } = await commandLineAt(url, { openKeys })("keys", "list");
    expect(stderr).toContain("401 invalid_api_key");
    expect(code).toBe(1);
  });
});

describe("sektor keys without a server", () => {
  it("works in the data folder, and says so", async () => {
    const sektor = commandLineAt(nobody);
    const made = await sektor("keys", "create", "--name", "İlk", "--json");
    expect(made.stderr).toContain("veri klasörü kullanılıyor: /veri");
    const { id, key } = JSON.parse(made.stdout);
    expect(key).toMatch(/^sk-sektor-/);
    expect(JSON.parse((await sektor("keys", "list", "--json")).stdout)).toMatchObject([{ id, name: "İlk" }]);
    expect((await sektor("keys", "revoke", id)).code).toBe(0);
    expect((await sektor("keys", "revoke", "yok")).stderr).toContain("Böyle bir API anahtarı yok");
  });

  it("refuses a sector that does not exist", async () => {
    const { code, stderr } = await commandLineAt(nobody)("keys", "create", "--name", "x", "--sectors", "hukuk");
    expect(stderr).toContain('"hukuk" adlı bir sektör yok. Sektörler: legal.');
    expect(code).toBe(2);
  });

  it("does not take the data folder where a certain server was meant", async () => {
    expect((await commandLineAt(nobody, { isUrlChosen: true })("keys", "list")).code).toBe(3);
    expect((await commandLineAt("http://127.0.0.1:10")("keys", "list", "--url", nobody)).code).toBe(3);
  });

  it("keeps in the real folder what the next command finds, and leaves it free for the server", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-keys-"));
    closers.push(async () => rmSync(folder, { recursive: true, force: true }));
    const sektor = commandLineAt(nobody, { openKeys: () => openFolderKeys({ SEKTOR_DATA: folder }) });
    const key = (await sektor("keys", "create", "--name", "Kalıcı", "--sectors", "legal")).stdout.trim();
    await using opened = await openFolderKeys({ SEKTOR_DATA: folder });
    expect(await opened.keys.identify(key)).toMatchObject({ sectors: ["legal"] });
    expect((await sektor("keys", "list")).stderr).toMatch(/Veri klasörü başka bir süreçte .* açık/);
  }, 60_000);
});
