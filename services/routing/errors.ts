import { PlatformError } from "../foundation/index.ts";

/** The router's weights are missing, damaged, or of another format than this build reads; `npm run router:train` writes new ones. */
export class RouterWeightsError extends PlatformError {
  override readonly name = "RouterWeightsError";
  constructor(message: string, cause?: unknown) {
    super({
      code: "router_weights_invalid",
      status: 500,
      message,
      messageTr: "Yönlendiricinin ağırlıkları okunamadı.",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
