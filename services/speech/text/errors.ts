import { PlatformError } from "../../foundation/index.ts";

/** The text begins with `<speak` but is not SSML that can be read. */
export class SsmlInvalidError extends PlatformError {
  override readonly name = "SsmlInvalidError";
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** @param fault what is wrong, in both languages; never the caller's own text */
  constructor(fault: { readonly en: string; readonly tr: string }, line: number, column: number) {
    super({
      code: "ssml_invalid",
      status: 400,
      message: `The SSML cannot be read (line ${line}, column ${column}): ${fault.en}.`,
      messageTr: `SSML okunamıyor (satır ${line}, sütun ${column}): ${fault.tr}.`,
      param: "input",
    });
    this.line = line;
    this.column = column;
  }
}
