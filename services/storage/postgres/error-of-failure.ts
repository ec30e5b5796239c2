import pg from "pg";
import {
  SqlError,
  StorageBusyError,
  StorageFullError,
  StorageTimeoutError,
  StorageUnavailableError,
} from "../errors.ts";

/**
 * Classes of SQLSTATE that are the server's trouble or the way to it, not the statement's: connection, wrong credentials, insufficient
 * resources, operator intervention, system error, internal error.
 */
const serverTrouble = /^(08|28|3D|53|57|58|XX)/;

/** The error a caller sees for what `pg` threw. @param limitMs for one statement; told to whoever ran into it */
export function errorOf(failure: unknown, limitMs: number): Error {
  if (failure instanceof pg.DatabaseError) return ofServer(failure, limitMs);
  // What the driver refuses before anything was sent is the caller's own mistake.
  if (failure instanceof TypeError || failure instanceof RangeError) return failure;
  const text = failure instanceof Error ? failure.message : String(failure);
  if (text === "Query read timeout") return new StorageTimeoutError(limitMs);
  if (text === "timeout exceeded when trying to connect") return new StorageBusyError();
  return new StorageUnavailableError(failure);
}

function ofServer(failure: pg.DatabaseError, limitMs: number): Error {
  const { code = "XX000", message, detail, constraint } = failure;
  if (code === "57014") return new StorageTimeoutError(limitMs);
  if (code === "53100") return new StorageFullError(failure);
  if (code === "53300") return new StorageBusyError();
  // A server that has become a standby refuses every write; the next connection may find its successor.
  if (code === "25006" || code === "25P03" || serverTrouble.test(code)) return new StorageUnavailableError(failure);
  return new SqlError({ code, message, detail, constraint });
}
