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

/** Audio that is no base64, no whole number of samples, or no Opus packet. */
export class InvalidAudioError extends PlatformError {
  override readonly name = "InvalidAudioError";
  constructor(why: keyof typeof audioFaults) {
    const { message, messageTr } = audioFaults[why];
    super({ code: "invalid_audio", status: 400, message, messageTr, param: "audio" });
  }
}

const audioFaults = {
  base64: { message: "The audio is not valid base64.", messageTr: "Ses geçerli base64 değil." },
  odd: {
    message: "The audio is no whole number of samples: PCM16 has two bytes each.",
    messageTr: "Ses tam sayıda örnek değil: PCM16'da her örnek iki bayttır.",
  },
  opus: {
    message: "The audio is no Opus packet; each message holds exactly one.",
    messageTr: "Ses bir Opus paketi değil; her ileti tam bir paket taşır.",
  },
} as const;
