/** Something a caller gave the evaluation cannot be used. The message names file, line and fault, never the line's text. */
export class EvalInputError extends Error {
  override readonly name = "EvalInputError";
}
