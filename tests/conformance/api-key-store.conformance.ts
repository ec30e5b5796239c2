import { describe, expect, it } from "vitest";
import type { ApiKeyStore } from "../../services/access/index.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
let made = 0;

/** What every keeper of API keys keeps. `open` may give the same store again: ids are fresh. */
export function describeApiKeyStore(name: string, open: () => Promise<ApiKeyStore>): void {
  const secretOf = (prefix: string) => ({ prefix, salt: Buffer.from([0, 255]), hash: Buffer.from(`hash ${prefix}`) });
  const add = async (store: ApiKeyStore, facts: { sectors?: string[]; userId?: string; expiresAt?: string } = {}) => {
    const id = `key-${++made}`;
    const { sectors = null, userId = null, expiresAt = null } = facts;
    const createdAt = at(made).toISOString();
    const key = { id, name: `Şirket "${made}"`, scopes: ["chat", "feedback"] as const, createdAt };
    await store.insert({ ...key, sectors, userId, expiresAt }, secretOf(`${id}-a`));
    return id;
  };

  describe(name, () => {
    it("gives back everything it was given, by the secret's public beginning", async () => {
      const store = await open();
      const expiresAt = at(59).toISOString();
      const id = await add(store, { sectors: ["legal", "energy"], userId: "ayşe@örnek", expiresAt });
      expect(await store.bySecretPrefix(`${id}-a`)).toEqual({
        ...secretOf(`${id}-a`),
        validUntil: null,
        key: {
          id,
          name: `Şirket "${made}"`,
          scopes: ["chat", "feedback"],
          sectors: ["legal", "energy"],
          userId: "ayşe@örnek",
          createdAt: at(made).toISOString(),
          expiresAt,
          revokedAt: null,
          lastUsedAt: null,
          prefixes: [{ prefix: `${id}-a`, validUntil: null }],
        },
      });
      expect((await store.bySecretPrefix(`${id}-a`))?.key).toEqual(await store.byId(id));
    });

    it("finds nothing it was not given", async () => {
      const store = await open();
      expect(await store.bySecretPrefix("' or true --")).toBeUndefined();
      expect(await store.byId("' or true --")).toBeUndefined();
      expect(await store.revoke("none", at(1))).toBe(false);
      expect(await store.addSecret("none", secretOf("none-a"), at(1), at(2))).toBe(false);
      expect(await store.bySecretPrefix("none-a")).toBeUndefined();
    });

    it("lists the newest first", async () => {
      const store = await open();
      const ids = [await add(store), await add(store)];
      const listed = (await store.list()).map(({ id }) => id).filter((id) => ids.includes(id));
      expect(listed).toEqual(ids.toReversed());
      expect(await store.hasAny()).toBe(true);
    });

    it("ends the former secrets of a key at the time it is told, and never later than they would have ended", async () => {
      const store = await open();
      const id = await add(store);
      const other = await add(store);
      expect(await store.addSecret(id, secretOf(`${id}-b`), at(100), at(110))).toBe(true);
      expect(await store.addSecret(id, secretOf(`${id}-c`), at(105), at(200))).toBe(true);
      const untils = await Promise.all(
        ["a", "b", "c"].map(async (letter) => (await store.bySecretPrefix(`${id}-${letter}`))?.validUntil),
      );
      expect(untils).toEqual([at(110).toISOString(), at(200).toISOString(), null]);
      expect((await store.byId(id))?.prefixes.map(({ prefix }) => prefix)).toEqual([`${id}-c`, `${id}-b`, `${id}-a`]);
      expect((await store.bySecretPrefix(`${other}-a`))?.validUntil).toBeNull();
    });

    it("remembers when a key was revoked first, and gives it no further secret", async () => {
      const store = await open();
      const id = await add(store);
      expect([await store.revoke(id, at(10)), await store.revoke(id, at(20))]).toEqual([true, true]);
      expect((await store.byId(id))?.revokedAt).toBe(at(10).toISOString());
      expect(await store.addSecret(id, secretOf(`${id}-b`), at(30), at(40))).toBe(false);
      expect((await store.bySecretPrefix(`${id}-a`))?.validUntil).toBeNull();
    });

    it("keeps the latest of the uses it is told, in whatever order they come", async () => {
      const store = await open();
      const [id, other] = [await add(store), await add(store)];
      await store.markUsed([
        { id, at: at(30) },
        { id: other, at: at(5) },
        { id: "none", at: at(5) },
      ]);
      await store.markUsed([{ id, at: at(20) }]);
      expect((await store.byId(id))?.lastUsedAt).toBe(at(30).toISOString());
      expect((await store.byId(other))?.lastUsedAt).toBe(at(5).toISOString());
    });
  });
}
