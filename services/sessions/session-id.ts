import { InvalidSessionIdError } from "./errors.ts";

/** @throws {InvalidSessionIdError} anything but 1–128 characters of `A-Z a-z 0-9 . _ : -` */
export function assertSessionId(id: unknown): asserts id is string {
  if (typeof id !== "string" || !/^[A-Za-z0-9._:-]{1,128}$/.test(id)) throw new InvalidSessionIdError();
}
