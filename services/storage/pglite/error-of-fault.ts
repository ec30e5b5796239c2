import { SqlError, StorageFullError, StorageUnavailableError } from "../errors.ts";
import type { WorkerFault } from "./worker-protocol.ts";

/** Postgres says 53100, the file system ENOSPC; a dying Postgres says it in words only. */
const noRoom =
  /No space left on device|ENOSPC|EDQUOT|Disk quota exceeded|Read-only file system|EROFS|Permission denied|EACCES/;
/** Classes of SQLSTATE that are the server's trouble, not the statement's: operator intervention, system error, internal error. */
const serverTrouble = /^(57|58|XX)/;

/** The error a caller sees for what went wrong in the worker. */
export function errorOf(fault: WorkerFault): Error {
  const cause = new Error(fault.message);
  if (
    fault.code === "53100" ||
    ((fault.fatal || fault.code === "58030") && noRoom.test(`${fault.code} ${fault.message}`))
  ) {
    return new StorageFullError(cause);
  }
  const { code } = fault;
  if (!fault.fatal && code !== undefined && !serverTrouble.test(code)) return new SqlError({ ...fault, code });
  return new StorageUnavailableError(cause);
}
