import { PlatformError } from "../../foundation/index.ts";

/** An event of another name than the protocol's. */
export class UnknownEventError extends PlatformError {
  override readonly name = "UnknownEventError";
  constructor(type: string) {
    super({
      code: "unknown_event",
      status: 400,
      message: `There is no event "${type.slice(0, 64)}".`,
      messageTr: `"${type.slice(0, 64)}" adlı bir olay yok.`,
      param: "type",
    });
  }
}

/** Audio that is no base64, or no whole number of samples. */
export class InvalidAudioError extends PlatformError {
  override readonly name = "InvalidAudioError";
  constructor(why: "base64" | "odd") {
    super({
      code: "invalid_audio",
      status: 400,
      message:
        why === "base64"
          ? "The audio is not valid base64."
          : "The audio is no whole number of samples: PCM16 has two bytes each.",
      messageTr:
        why === "base64" ? "Ses geçerli base64 değil." : "Ses tam sayıda örnek değil: PCM16'da her örnek iki bayttır.",
      param: "audio",
    });
  }
}
