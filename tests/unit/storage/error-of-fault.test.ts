import { expect, it } from "vitest";
import { errorOf } from "../../../services/storage/pglite/error-of-fault.ts";

it.each([
  [
    "a full disk, as Postgres reports it",
    { code: "53100", message: "could not extend file", fatal: false },
    "storage_full",
  ],
  [
    "a full disk that ended Postgres",
    { message: "PANIC: could not write: No space left on device", fatal: true },
    "storage_full",
  ],
  ["a full disk while the database is made", { code: "ENOSPC", message: "write", fatal: true }, "storage_full"],
  ["a folder that became read-only", { code: "58030", message: "Read-only file system", fatal: false }, "storage_full"],
  ["a refused statement", { code: "23505", message: "duplicate key", fatal: false }, "23505"],
  [
    "a text that speaks of a full disk",
    { code: "22P02", message: "invalid: No space left on device", fatal: false },
    "22P02",
  ],
  [
    "an internal error of Postgres",
    { code: "XX000", message: "cache lookup failed", fatal: false },
    "storage_unavailable",
  ],
  ["a crash", { message: "RuntimeError: unreachable", fatal: true }, "storage_unavailable"],
])("knows %s", (_, fault, code) => {
  expect(errorOf(fault)).toMatchObject({ code });
});
