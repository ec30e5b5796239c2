import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, SqlError, StorageUnavailableError } from "../../services/storage/index.ts";
import { migrate } from "../../services/storage/migrate.ts";

/** A database under test, made by `migrationsFolder`, which is empty. Opened again it holds what it held. */
export type OpenDatabase = (migrationsFolder: string) => Promise<Database>;

/** What every keeper of the `Database` promise keeps. */
export function describeDatabase(name: string, open: OpenDatabase): void {
  describe(name, () => {
    const migrations = mkdtempSync(join(tmpdir(), "sektor-migrations-"));
    let database: Database;
    let file = 0;

    beforeAll(async () => {
      database = await open(migrations);
      await database.query("create table notes (id int primary key, body text)");
    }, 120_000);
    afterAll(async () => {
      await database?.[Symbol.asyncDispose]();
      rmSync(migrations, { recursive: true, force: true });
    });

    async function bodies(): Promise<string[]> {
      const { rows } = await database.query<{ body: string }>("select body from notes order by id");
      return rows.map(({ body }) => body);
    }

    it("gives values as pg gives them", async () => {
      const sql = `select 9007199254740993::int8 as big, 1.10::numeric as exact, '\\xdead'::bytea as bytes, $1::jsonb as tree,
      $2::timestamptz as at, $3::bytea as back, null as nothing, $4::text as text`;
      const at = new Date("2026-01-02T03:04:05.678Z");
      const { rows, rowCount } = await database.query(sql, [{ a: ["ş"] }, at, Buffer.from([0, 255]), "İĞÜ 👋"]);
      expect(rowCount).toBe(1);
      expect(rows).toEqual([
        {
          big: "9007199254740993",
          exact: "1.10",
          bytes: Buffer.from("dead", "hex"),
          tree: { a: ["ş"] },
          at,
          back: Buffer.from([0, 255]),
          nothing: null,
          text: "İĞÜ 👋",
        },
      ]);
    });

    it("takes parameters as pg takes them", async () => {
      const sql =
        "select $1::text[] as texts, $2::int[] as numbers, $3::bool as yes, $4::int8 as big, $5::text as nothing, $6::json as tree";
      const texts = ['a"b', "c\\d", "{e,f}", "ş", "", "NULL"];
      const params = [[...texts, null], [1, 2], true, 9007199254740993n, undefined, { a: "'\"" }];
      const expected = {
        texts: [...texts, null],
        numbers: [1, 2],
        yes: true,
        big: "9007199254740993",
        nothing: null,
        tree: { a: "'\"" },
      };
      for (let n = 0; n < 3; n++) expect((await database.query(sql, params)).rows).toEqual([expected]);
    });

    it("runs a statement again after its table has changed", async () => {
      await database.query("create table changing (a int)");
      const read = () => database.query("select * from changing where 1 = $1", [1]).then(({ rows }) => rows);
      await database.query("insert into changing values (1)");
      expect(await read()).toEqual([{ a: 1 }]);
      await database.query("alter table changing add column b text default 'b'");
      await read().catch(() => undefined);
      expect(await read()).toEqual([{ a: 1, b: "b" }]);
    });

    it("runs any number of different statements", async () => {
      for (let n = 0; n < 250; n++) {
        expect((await database.query(`select $1::int + ${n % 125} as sum`, [1])).rows).toEqual([
          { sum: 1 + (n % 125) },
        ]);
      }
    });

    it("answers statements sent together in a transaction in their order", async () => {
      const sums = await database.transaction((tx) =>
        Promise.all([1, 2, 3].map((n) => tx.query<{ n: number }>("select $1::int as n", [n]))),
      );
      expect(sums.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3]);
    });

    it("counts the rows a statement changed", async () => {
      await database.query("delete from notes");
      expect((await database.query("insert into notes values (1, 'a'), (2, 'b')")).rowCount).toBe(2);
      expect((await database.query("update notes set body = 'c' where id > $1", [1])).rowCount).toBe(1);
      expect((await database.query("delete from notes where id = 9")).rowCount).toBe(0);
    });

    it("names what Postgres refused", async () => {
      await database.query("delete from notes");
      await database.query("insert into notes values (1, 'a')");
      const again = database.query("insert into notes values ($1, 'b')", [1]);
      await expect(again).rejects.toThrow(SqlError);
      await expect(again).rejects.toMatchObject({ code: "23505", constraint: "notes_pkey" });
    });

    it("keeps a transaction whole, and leaves nothing of one that failed", async () => {
      await database.query("delete from notes");
      await database.transaction(async (tx) => {
        await tx.query("insert into notes values (1, 'a')");
        await tx.query("insert into notes values (2, 'b')");
      });
      const failing = database.transaction(async (tx) => {
        await tx.query("insert into notes values (3, 'c')");
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await bodies()).toEqual(["a", "b"]);
    });

    it("says so when a transaction could not be kept because a failure in it was hidden", async () => {
      const hiding = database.transaction(async (tx) => {
        await tx.query("insert into notes values (7, 'hidden')");
        await tx.query("select nothing_of_that_name").catch(() => undefined);
      });
      await expect(hiding).rejects.toMatchObject({ code: "25P02" });
      expect(await bodies()).not.toContain("hidden");
    });

    it("shows other callers all of a transaction or nothing of it", async () => {
      await database.query("delete from notes");
      const slow = database.transaction(async (tx) => {
        await tx.query("insert into notes values (1, 'a')");
        await new Promise((resolve) => setTimeout(resolve, 20));
        await tx.query("insert into notes values (2, 'b')");
      });
      const seen = bodies();
      await slow;
      // One session lets them wait, several show them what was there before; nobody sees half of it.
      expect([[], ["a", "b"]]).toContainEqual(await seen);
      expect(await bodies()).toEqual(["a", "b"]);
    });

    it("refuses a transaction's handle once the transaction is over", async () => {
      let kept: Parameters<Parameters<Database["transaction"]>[0]>[0] | undefined;
      await database.transaction(async (tx) => {
        kept = tx;
      });
      await expect(kept?.query("select 1")).rejects.toMatchObject({ code: "25P01" });
    });

    it("serves nobody after it was closed, and holds what it held when it is opened again", async () => {
      await database[Symbol.asyncDispose]();
      await expect(database.query("select 1")).rejects.toThrow(StorageUnavailableError);
      await expect(database.transaction(async () => undefined)).rejects.toThrow(StorageUnavailableError);
      database = await open(migrations);
      expect(await bodies()).toEqual(["a", "b"]);
    });

    describe("migrations", () => {
      const write = (sql: string, name = `000${++file}-step.sql`) => {
        writeFileSync(join(migrations, name), sql);
        return name;
      };

      it("are applied in order, once", async () => {
        const first = write("create table steps (id int); insert into steps values (1);");
        const second = write("alter table steps add column name text; insert into steps values (2, 'ş');");
        expect(await migrate(database, migrations)).toEqual([first, second]);
        expect(await migrate(database, migrations)).toEqual([]);
        expect((await database.query("select * from steps")).rowCount).toBe(2);
      });

      it("do not mind line ends", async () => {
        const name = write("select 1;\nselect 2;\n");
        await migrate(database, migrations);
        write("select 1;\r\nselect 2;\r\n", name);
        expect(await migrate(database, migrations)).toEqual([]);
      });

      it("leave nothing behind when one fails, and are tried again", async () => {
        const name = write("create table half (id int); select nothing_of_that_name;");
        await expect(migrate(database, migrations)).rejects.toMatchObject({ code: "migration_failed" });
        write("create table half (id int);", name);
        expect(await migrate(database, migrations)).toEqual([name]);
      });

      it("are refused when one was edited after it had been applied", async () => {
        const name = write("select 1");
        await migrate(database, migrations);
        write("select 2", name);
        await expect(migrate(database, migrations)).rejects.toMatchObject({ code: "migration_changed" });
        write("select 1", name);
      });

      it("are refused when the database has one the code does not know", async () => {
        const name = write("select 1");
        await migrate(database, migrations);
        rmSync(join(migrations, name));
        await expect(migrate(database, migrations)).rejects.toMatchObject({ code: "migration_changed" });
        write("select 1", name);
      });

      it.each(["1-short.sql", "0001-again.sql"])("are refused under the name %s", async (name) => {
        write("select 1", name);
        await expect(migrate(database, migrations)).rejects.toMatchObject({ code: "migration_failed" });
        rmSync(join(migrations, name));
      });
    });
  });
}
