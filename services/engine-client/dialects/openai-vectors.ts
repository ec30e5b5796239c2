import type { Embedding } from "../../inference/index.ts";
import type { Connection } from "../connection.ts";
import { EngineFailedError } from "../errors.ts";
import { type JsonObject, numberAt, parseList, parseObject } from "../json.ts";

/** `POST /v1/embeddings` for one text: so its own token count is known. The vector is normalised here, whatever the system did. */
export async function embedText(
  connection: Connection,
  fields: JsonObject,
  text: string,
  signal: AbortSignal | undefined,
): Promise<Embedding> {
  const reply = parseObject(
    await connection.call("POST", "/v1/embeddings", { ...fields, input: text, encoding_format: "float" }, signal),
  );
  const vector = parseList(parseObject(parseList(reply["data"])[0])["embedding"]).map(Number);
  const length = Math.hypot(...vector);
  if (vector.length === 0 || !Number.isFinite(length)) throw new EngineFailedError("its vectors cannot be read");
  return {
    vector: length === 0 ? vector : vector.map((x) => x / length),
    tokens: numberAt(parseObject(reply["usage"]), "prompt_tokens") ?? 0,
  };
}
