import { PlatformError } from "../foundation/index.ts";

/** The queue is out of reach, or this gateway has none. */
export class JobsUnavailableError extends PlatformError {
  override readonly name = "JobsUnavailableError";
  constructor(cause?: unknown) {
    super({
      code: "jobs_unavailable",
      status: 503,
      message: "The job queue is out of reach at the moment.",
      messageTr: "İş kuyruğuna şu anda ulaşılamıyor; lütfen biraz sonra yeniden deneyin.",
      retryAfterS: 2,
      cause,
    });
  }
}

/** On Postgres the queue needs Redis; without it everything else works. */
export class JobsNotConfiguredError extends PlatformError {
  override readonly name = "JobsNotConfiguredError";
  constructor() {
    super({
      code: "jobs_not_configured",
      status: 503,
      message: "This server keeps no job queue: with storage.backend postgres it needs jobs.store redis.",
      messageTr: "Bu sunucuda iş kuyruğu yok: storage.backend postgres iken jobs.store redis gerekir.",
    });
  }
}

export class JobNotFoundError extends PlatformError {
  override readonly name = "JobNotFoundError";
  constructor() {
    super({
      code: "job_not_found",
      status: 404,
      message: "There is no such job, or it is no longer kept.",
      messageTr: "Böyle bir iş yok ya da artık saklanmıyor.",
      param: "id",
    });
  }
}

export class JobNotRetryableError extends PlatformError {
  override readonly name = "JobNotRetryableError";
  constructor(state: string) {
    super({
      code: "job_not_retryable",
      status: 409,
      message: `Only a job that ended without a result can be tried again; this one is ${state}.`,
      messageTr: `Yalnız sonuçsuz biten iş yeniden denenebilir; bu işin durumu: ${state}.`,
      param: "id",
    });
  }
}

/** The next run of a schedule stands in the queue for as long as its schedule stands in the settings. */
export class JobScheduledError extends PlatformError {
  override readonly name = "JobScheduledError";
  constructor() {
    super({
      code: "job_scheduled",
      status: 409,
      message: "The next run of a schedule cannot be cancelled; take the schedule out of the settings instead.",
      messageTr: "Zamanlanmış bir işin sıradaki çalışması iptal edilemez; zamanlamayı ayarlardan kaldırın.",
      param: "id",
    });
  }
}

/** What stands in the queue is not what its contract says, or somebody tried to add such a thing. */
export class JobMalformedError extends PlatformError {
  override readonly name = "JobMalformedError";
  constructor(name: string, cause?: unknown) {
    super({
      code: "job_malformed",
      status: 400,
      message: `The payload of the job does not have the shape of "${name}".`,
      messageTr: `İşin içeriği "${name}" işinin biçiminde değil.`,
      cause,
    });
  }
}

export class JobCancelledError extends PlatformError {
  override readonly name = "JobCancelledError";
  constructor() {
    super({
      code: "job_cancelled",
      status: 409,
      message: "The job was cancelled.",
      messageTr: "İş iptal edildi.",
    });
  }
}

export class JobTimedOutError extends PlatformError {
  override readonly name = "JobTimedOutError";
  constructor(limitMs: number) {
    super({
      code: "job_timed_out",
      status: 504,
      message: `The job did not finish within ${limitMs} ms.`,
      messageTr: `İş ${limitMs} ms içinde bitmedi.`,
    });
  }
}

export class JobExpiredError extends PlatformError {
  override readonly name = "JobExpiredError";
  constructor() {
    super({
      code: "job_expired",
      status: 504,
      message: "The job was not started before it expired.",
      messageTr: "İşin süresi, başlamadan doldu.",
    });
  }
}

export class JobStalledError extends PlatformError {
  override readonly name = "JobStalledError";
  constructor() {
    super({
      code: "job_stalled",
      status: 500,
      message: "The process that ran the job ended in the middle of it, several times over.",
      messageTr: "İşi çalıştıran süreç, iş bitmeden birkaç kez sona erdi.",
    });
  }
}

export class JobOutputTooLargeError extends PlatformError {
  override readonly name = "JobOutputTooLargeError";
  constructor(limit: number) {
    super({
      code: "job_output_too_large",
      status: 413,
      message: `The job said more than ${limit} things while it ran.`,
      messageTr: `İş çalışırken ${limit} parçadan fazla çıktı verdi.`,
    });
  }
}
