export type { Database, Queryable, QueryResult } from "./database.ts";
export {
  DataFolderInUseError,
  DataFolderUnusableError,
  MigrationChangedError,
  MigrationFailedError,
  SqlError,
  StorageBusyError,
  StorageFullError,
  StorageTimeoutError,
  StorageUnavailableError,
} from "./errors.ts";
