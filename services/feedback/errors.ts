import { PlatformError } from "../foundation/index.ts";

export class IdempotencyKeyReusedError extends PlatformError {
  override readonly name = "IdempotencyKeyReusedError";
  constructor() {
    super({
      code: "idempotency_key_reused",
      status: 422,
      message: "This Idempotency-Key was sent with another feedback.",
      messageTr: "Bu Idempotency-Key başka bir geri bildirimle gönderilmiş.",
      param: "Idempotency-Key",
    });
  }
}

export class RoutingExampleNotFoundError extends PlatformError {
  override readonly name = "RoutingExampleNotFoundError";
  constructor() {
    super({
      code: "routing_example_not_found",
      status: 404,
      message: "There is no such example waiting for review.",
      messageTr: "İnceleme bekleyen böyle bir örnek yok.",
    });
  }
}

export class RoutingExampleIncompleteError extends PlatformError {
  override readonly name = "RoutingExampleIncompleteError";
  constructor(missing: "text" | "sector") {
    super({
      code: "routing_example_incomplete",
      status: 422,
      message: `Nobody knows the example's ${missing}; say it when accepting.`,
      messageTr: `Örneğin ${missing === "text" ? "metni" : "sektörü"} bilinmiyor; kabul ederken yazın.`,
      param: missing,
    });
  }
}
