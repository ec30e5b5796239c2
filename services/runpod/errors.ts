import { PlatformError } from "../foundation/index.ts";

/** The environment does not say where a worker takes its jobs. */
export class WorkerNotConfiguredError extends PlatformError {
  override readonly name = "WorkerNotConfiguredError";
  /** @param missing names of environment variables */
  constructor(missing: readonly string[]) {
    super({
      code: "worker_not_configured",
      status: 500,
      message: `A worker needs an endpoint to take jobs from; set ${missing.join(", ")}.`,
      messageTr: `İşçinin iş alacağı uç belli değil; şunları verin: ${missing.join(", ")}.`,
    });
  }
}

/** The worker was told to end, and the job took longer than it may then. */
export class WorkerStoppingError extends PlatformError {
  override readonly name = "WorkerStoppingError";
  constructor() {
    super({
      code: "worker_stopping",
      status: 503,
      message: "The worker was stopped before the job was done; send it again.",
      messageTr: "İş bitmeden işçi durduruldu; yeniden gönderin.",
    });
  }
}
