export interface PlatformErrorInit {
  /** Stable, snake_case; one row per code in docs/errors.md. */
  readonly code: string;
  /** HTTP status the transports answer with, 400–599. */
  readonly status: number;
  /** English, one sentence, safe to show: no user text, no paths, no secrets. */
  readonly message: string;
  /** The same sentence in Turkish, for readers who ask for it. */
  readonly messageTr?: string;
  /** Name of the offending field or parameter. */
  readonly param?: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** What can go wrong and has a name. Rooms throw subclasses; transports render them (OpenAI shape or RFC 9457 problem). */
export class PlatformError extends Error {
  override readonly name: string = "PlatformError";
  readonly code: string;
  readonly status: number;
  readonly messageTr: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(init: PlatformErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.status = init.status;
    this.messageTr = init.messageTr;
    this.param = init.param;
    this.retryAfterS = init.retryAfterS;
  }
}

/** A field of a request has the right type but a value that cannot be served. */
export class InvalidRequestError extends PlatformError {
  override readonly name = "InvalidRequestError";
  constructor(message: string, options: { param?: string; messageTr?: string; code?: string } = {}) {
    super({
      code: options.code ?? "invalid_request",
      status: 400,
      message,
      ...(options.param === undefined ? {} : { param: options.param }),
      ...(options.messageTr === undefined ? {} : { messageTr: options.messageTr }),
    });
  }
}
