import { SpeechSetupError } from "./errors.ts";

/** An error taken apart, since its class does not survive the way between threads and processes. */
export interface SpeechFault {
  readonly message: string;
  /** The setup is incomplete: what is missing, and the cure. */
  readonly setup?: { readonly en: string; readonly tr: string };
}

export function faultOf(failure: unknown): SpeechFault {
  if (failure instanceof SpeechSetupError) {
    const { message, messageTr = message, cause } = failure;
    return { message: cause instanceof Error ? cause.message : message, setup: { en: message, tr: messageTr } };
  }
  return { message: failure instanceof Error ? failure.message : String(failure) };
}

export function errorOfFault({ message, setup }: SpeechFault): Error {
  return setup === undefined ? new Error(message) : new SpeechSetupError(setup, new Error(message));
}
