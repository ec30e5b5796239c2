import type { TSchema } from "typebox";
import Value from "typebox/value";
import { InvalidRequestError } from "../../foundation/index.ts";

/** @param param the field, such as `session.audio.input.format` */
export function fieldFault(param: string, fault: string): InvalidRequestError {
  return new InvalidRequestError(`${param}: ${fault}`, {
    param,
    messageTr: `"${param}" alanı geçerli değil: ${fault}`,
  });
}

/**
 * @param within where `value` stands in the event; "": it is the event
 * @throws {InvalidRequestError} naming the first field that does not fit
 */
export function requireShape(shape: TSchema, value: unknown, within = ""): void {
  if (Value.Check(shape, value)) return;
  const [fault] = Value.Errors(shape, value);
  const missing = (fault?.params as { readonly requiredProperties?: readonly string[] } | undefined)
    ?.requiredProperties?.[0];
  const inside = (fault?.instancePath ?? "").split("/").slice(1);
  const path = [...(within === "" ? [] : [within]), ...inside, ...(missing === undefined ? [] : [missing])].join(".");
  throw fieldFault(
    path === "" ? "event" : path,
    missing === undefined ? (fault?.message ?? "is not valid") : "is missing",
  );
}
