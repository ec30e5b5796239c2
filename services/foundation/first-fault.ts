import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { Value } from "typebox/value";

/** A schema is compiled once; what fits it, as nearly everything does, is then checked ten times quicker. */
const compiled = new WeakMap<TSchema, Validator>();

/** @returns what is wrong with `value` first, with its place as a JSON pointer; undefined where it fits `schema` */
export function firstFault(
  schema: TSchema,
  value: unknown,
): { readonly instancePath: string; readonly message: string } | undefined {
  let validator = compiled.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  return validator.Check(value) ? undefined : Value.Errors(schema, value)[0];
}
