import type { Connection } from "../connection.ts";
import { numberAt, parseList, parseObject, textAt } from "../json.ts";
import type { TokenizeOptions, Tokens } from "./engine-dialect.ts";

/** `POST /tokenize` in llama-server's shape, which infer speaks too. A piece that is no UTF-8 by itself comes as its bytes. */
export async function llamaTokens(connection: Connection, text: string, options: TokenizeOptions): Promise<Tokens> {
  const withPieces = options.withPieces === true;
  const reply = parseObject(
    await connection.call("POST", "/tokenize", {
      content: text,
      add_special: options.addSpecial === true,
      with_pieces: withPieces,
      // The text of a special token in what people typed stays text.
      parse_special: false,
    }),
  );
  const listed = parseList(reply["tokens"]);
  if (!withPieces) return { tokens: listed.map(Number) };
  const entries = listed.map(parseObject);
  return {
    tokens: entries.map((entry) => numberAt(entry, "id") ?? 0),
    pieces: entries.map(
      (entry) => textAt(entry, "piece") ?? Buffer.from(parseList(entry["piece"]).map(Number)).toString("utf8"),
    ),
  };
}
