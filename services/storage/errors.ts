import { PlatformError } from "../foundation/index.ts";

/** A statement Postgres refused. Not for callers outside: rooms translate it, or it is an `internal` error. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;
  constructor(fault: { message: string; code: string; detail?: string | undefined; constraint?: string | undefined }) {
    super(fault.message);
    this.code = fault.code;
    this.detail = fault.detail;
    this.constraint = fault.constraint;
  }
}

export class StorageUnavailableError extends PlatformError {
  override readonly name = "StorageUnavailableError";
  constructor(cause?: unknown, retryAfterS = 1) {
    super({
      code: "storage_unavailable",
      status: 503,
      message: "The database is down or starting.",
      messageTr: "Veritabanı şu anda kapalı ya da açılıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
      cause,
    });
  }
}

export class StorageBusyError extends PlatformError {
  override readonly name = "StorageBusyError";
  constructor(retryAfterS = 1) {
    super({
      code: "storage_busy",
      status: 503,
      message: "The database has too much to do at the moment.",
      messageTr: "Veritabanı şu anda yoğun; lütfen biraz sonra yeniden deneyin.",
      retryAfterS,
    });
  }
}

export class StorageTimeoutError extends PlatformError {
  override readonly name = "StorageTimeoutError";
  constructor(limitMs: number) {
    super({
      code: "storage_timeout",
      status: 503,
      message: `The database did not finish within ${limitMs} ms.`,
      messageTr: `Veritabanı işlemi ${limitMs} ms içinde bitiremedi.`,
      retryAfterS: 1,
    });
  }
}

/** The disk is full or the folder cannot be written; nothing was kept of what was asked, everything kept before is safe. */
export class StorageFullError extends PlatformError {
  override readonly name = "StorageFullError";
  constructor(cause?: unknown) {
    super({
      code: "storage_full",
      status: 507,
      message: "The data folder takes no more data: its disk is full or not writable.",
      messageTr: "Veri klasörüne yazılamıyor: disk dolu ya da yazmaya kapalı.",
      retryAfterS: 30,
      cause,
    });
  }
}

export class DataFolderInUseError extends PlatformError {
  override readonly name = "DataFolderInUseError";
  constructor(holder: string) {
    super({
      code: "data_folder_in_use",
      status: 503,
      message: `Another process (${holder}) has this data folder open; one folder serves one process.`,
      messageTr: `Veri klasörü başka bir süreçte (${holder}) açık; bir klasörü tek süreç kullanabilir.`,
    });
  }
}

export class DataFolderUnusableError extends PlatformError {
  override readonly name = "DataFolderUnusableError";
  constructor(detail: string, cause?: unknown) {
    super({
      code: "data_folder_unusable",
      status: 500,
      message: `The data folder cannot be used: ${detail}.`,
      messageTr: `Veri klasörü kullanılamıyor: ${detail}.`,
      cause,
    });
  }
}

export class MigrationFailedError extends PlatformError {
  override readonly name = "MigrationFailedError";
  constructor(migration: string, detail: string, cause?: unknown) {
    super({
      code: "migration_failed",
      status: 500,
      message: `Database migration ${migration} could not be applied: ${detail}`,
      messageTr: `${migration} veritabanı geçişi uygulanamadı: ${detail}`,
      cause,
    });
  }
}

/** What the database was built with is not what the code brings: an applied migration was edited or removed. */
export class MigrationChangedError extends PlatformError {
  override readonly name = "MigrationChangedError";
  constructor(migration: string, what: "edited" | "missing") {
    super({
      code: "migration_changed",
      status: 500,
      message:
        what === "edited"
          ? `Migration ${migration} was edited after it had been applied to this database.`
          : `This database has migration ${migration}, which this version does not know: it was written by a newer one.`,
      messageTr:
        what === "edited"
          ? `${migration} geçişi bu veritabanına uygulandıktan sonra değiştirilmiş.`
          : `Bu veritabanında bu sürümün tanımadığı ${migration} geçişi var: daha yeni bir sürümle yazılmış.`,
    });
  }
}
