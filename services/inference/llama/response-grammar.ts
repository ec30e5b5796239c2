import { InvalidRequestError } from "../../foundation/index.ts";
import type { ResponseFormat } from "../engine.ts";
import type { NativeGrammar, NativeModel } from "./llama-bindings.ts";

/** The grammar that forces a reply's shape; undefined where none is needed. One use each. @throws {InvalidRequestError} the schema cannot be turned into one */
export async function grammarFor(
  model: NativeModel,
  format: ResponseFormat | undefined,
): Promise<NativeGrammar | undefined> {
  if (format?.type === "json_object") return await model.createJsonGrammar();
  if (format?.type !== "json_schema") return undefined;
  try {
    return await model.createSchemaGrammar(format.schema);
  } catch {
    throw new InvalidRequestError("The JSON schema uses a feature the grammar generator does not know.", {
      param: "response_format",
      code: "unsupported_json_schema",
      messageTr: "JSON şeması, dil bilgisi üretecinin tanımadığı bir özellik kullanıyor.",
    });
  }
}

/** Whether the text is one whole JSON object or array: grammars allow white space after it, which small models like to fill the reply with. */
export function isWholeJson(text: string): boolean {
  const last = text.trimEnd().at(-1);
  if (last !== "}" && last !== "]") return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
