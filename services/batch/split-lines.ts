import { FileRefusedError, FileTooLargeError } from "./errors.ts";

export interface LineLimits {
  readonly maxFileBytes: number;
  /** Blank ones included. */
  readonly maxLines: number;
}

/** UTF-16 code units of one line. */
const longestLine = 1_048_576;

/** Text as it comes, in lines with their line ends; all of them together are exactly what came, a byte order mark aside. @throws {FileTooLargeError} @throws {FileRefusedError} */
export async function* splitLines(source: AsyncIterable<Uint8Array>, limits: LineLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let lines = 0;
  let rest = "";
  const checked = (line: string): string => {
    if (++lines > limits.maxLines)
      throw new FileTooLargeError(`more than ${limits.maxLines} lines`, `en çok ${limits.maxLines} satır`);
    return line;
  };
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > limits.maxFileBytes)
      throw new FileTooLargeError(`more than ${limits.maxFileBytes} bytes`, `en çok ${limits.maxFileBytes} bayt`);
    const parts = (rest + decoded(decoder, piece)).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > longestLine || parts.some((line) => line.length > longestLine))
      throw new FileTooLargeError(
        `a line has more than ${longestLine} characters`,
        `bir satır en çok ${longestLine} karakter`,
      );
    for (const line of parts) yield checked(`${line}\n`);
  }
  rest += decoded(decoder);
  if (rest !== "") yield checked(rest);
}

/** @param piece absent: nothing follows */
function decoded(decoder: InstanceType<typeof TextDecoder>, piece?: Uint8Array): string {
  let text: string | undefined;
  try {
    text = piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch {
    // Said below.
  }
  // No database of text holds NUL, and no JSON has one.
  if (text === undefined || text.includes("\0"))
    throw new FileRefusedError("it is not UTF-8 text", "UTF-8 metin değil");
  return text;
}
