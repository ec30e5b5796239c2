import { SessionsUnavailableError } from "./errors.ts";

/** What Redis answers; whatever it, or the way to it, says no with becomes one error: callers can only wait. */
export async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (failure) {
    throw new SessionsUnavailableError(failure);
  }
}
