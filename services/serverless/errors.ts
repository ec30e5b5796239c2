import { PlatformError } from "../foundation/index.ts";

export class EndpointNotFoundError extends PlatformError {
  override readonly name = "EndpointNotFoundError";
  constructor(endpoint: string) {
    super({
      code: "endpoint_not_found",
      status: 404,
      message: `There is no serverless endpoint "${endpoint.slice(0, 64)}".`,
      messageTr: `"${endpoint.slice(0, 64)}" adlı bir sunucusuz uç nokta yok.`,
      param: "endpoint",
    });
  }
}

/** Also for jobs of another key, and for those whose result is no longer kept. */
export class RunNotFoundError extends PlatformError {
  override readonly name = "RunNotFoundError";
  constructor() {
    super({
      code: "run_not_found",
      status: 404,
      message: "There is no such job, or its result is no longer kept.",
      messageTr: "Böyle bir iş yok ya da sonucu artık saklanmıyor.",
      param: "id",
    });
  }
}

export class RunNotRetryableError extends PlatformError {
  override readonly name = "RunNotRetryableError";
  constructor(status: string) {
    super({
      code: "run_not_retryable",
      status: 409,
      message: `Only a job that is FAILED or TIMED_OUT can be retried; this one is ${status}.`,
      messageTr: `Yalnız FAILED ya da TIMED_OUT durumundaki iş yeniden denenebilir; bu iş ${status}.`,
      param: "id",
    });
  }
}

export class RunQueueFullError extends PlatformError {
  override readonly name = "RunQueueFullError";
  constructor(limit: number) {
    super({
      code: "run_queue_full",
      status: 429,
      message: `The queue has room for ${limit} jobs, and a part of it for each key; no more of yours are taken at the moment.`,
      messageTr: `Sırada ${limit} işlik yer, her anahtara da bunun bir payı var; şu anda yeni işiniz alınmıyor.`,
      retryAfterS: 5,
    });
  }
}

/** A webhook that must not be called. */
export class WebhookRefusedError extends PlatformError {
  override readonly name = "WebhookRefusedError";
  constructor(why: string, whyTr = why) {
    super({
      code: "webhook_refused",
      status: 400,
      message: `The webhook cannot be used: ${why}.`,
      messageTr: `Webhook kullanılamaz: ${whyTr}.`,
      param: "webhook",
    });
  }
}

/** A webhook that was called, or was to be, without success. */
export class WebhookFailedError extends PlatformError {
  override readonly name = "WebhookFailedError";
  constructor(why: string, cause?: unknown) {
    super({
      code: "webhook_failed",
      status: 502,
      message: `The webhook did not take the call: ${why}.`,
      messageTr: "Webhook çağrısı başarısız oldu.",
      cause,
    });
  }
}
