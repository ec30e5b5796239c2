export { type Database, isNotifying, type NotifyingDatabase, type Queryable, type QueryResult } from "./database.ts";
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
