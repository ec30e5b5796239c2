import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataFolderUnusableError, StorageFullError } from "../errors.ts";
import { lockFolder } from "./folder-lock.ts";

export interface DataFolder {
  /** Where Postgres keeps its files. */
  readonly databaseFolder: string;
  /** Clears away a first start that was cut short, and gives a new folder a copy of `template`; answers whether this is a first start. */
  prepare(template: string): boolean;
  /** Call when the first start is complete. */
  initialised(): void;
  /** Gives the folder back to other processes. */
  release(): void;
}

/**
 * Makes the folder (mode 0700: it holds what people wrote) and locks it.
 * @throws {DataFolderInUseError | DataFolderUnusableError | StorageFullError}
 */
export function openDataFolder(folder: string): DataFolder {
  const databaseFolder = join(folder, "postgres");
  /** There while the first start runs: a folder it marks holds half a database and nothing anybody wrote. */
  const unfinished = join(folder, "first-start");
  const release = onDisk(() => {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
    return lockFolder(folder);
  });
  return {
    databaseFolder,
    release,
    prepare: (template) =>
      onDisk(() => {
        if (existsSync(unfinished)) rmSync(databaseFolder, { recursive: true, force: true });
        if (existsSync(databaseFolder)) return false;
        writeFileSync(unfinished, "");
        mkdirSync(databaseFolder, { mode: 0o700 });
        if (existsSync(template)) cpSync(template, databaseFolder, { recursive: true });
        chmodSync(databaseFolder, 0o700);
        return true;
      }),
    initialised: () => onDisk(() => rmSync(unfinished, { force: true })),
  };
}

function onDisk<T>(work: () => T): T {
  try {
    return work();
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw failure;
    if (["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"].includes(code)) throw new StorageFullError(failure);
    throw new DataFolderUnusableError(code, failure);
  }
}
