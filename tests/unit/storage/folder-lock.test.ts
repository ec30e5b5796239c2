import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DataFolderInUseError } from "../../../services/storage/index.ts";
import { lockFolder } from "../../../services/storage/pglite/folder-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lock = () => join(folder, "lock");
const leave = (holder: object, ageS = 0) => {
  writeFileSync(lock(), JSON.stringify(holder));
  const then = Date.now() / 1000 - ageS;
  utimesSync(lock(), then, then);
};
const takesOver = () => {
  lockFolder(folder)();
  expect(existsSync(lock())).toBe(false);
};

it("keeps a second opener out until the first has let go", () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(DataFolderInUseError);
  expect(() => lockFolder(folder)).toThrow(`pid ${process.pid}`);
  release();
  takesOver();
});

it("takes over the lock of a process that is dead", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  leave({ pid, startedAt: "1", host: hostname() });
  takesOver();
});

it("takes over the lock of a former process whose number another one has now", () => {
  const mine = lockFolder(folder);
  const holder = JSON.parse(readFileSync(lock(), "utf8"));
  mine();
  leave({ ...holder, startedAt: "1" });
  takesOver();
});

it("believes a process on another host to be alive while it touches its lock", () => {
  leave({ pid: 1, startedAt: "1", host: "another-host" });
  expect(() => lockFolder(folder)).toThrow("pid 1 on another-host");
  leave({ pid: 1, startedAt: "1", host: "another-host" }, 31);
  takesOver();
});

it("waits for a lock that is being written, and takes over one that never was", () => {
  writeFileSync(lock(), "");
  expect(() => lockFolder(folder)).toThrow(DataFolderInUseError);
  utimesSync(lock(), 1, 1);
  takesOver();
});

it("leaves a lock alone that somebody else has taken since", () => {
  const release = lockFolder(folder);
  leave({ pid: 1, startedAt: "1", host: "another-host" });
  release();
  expect(existsSync(lock())).toBe(true);
});
