import type { Connection } from "../connection.ts";
import { EngineFailedError } from "../errors.ts";
import { type JsonObject, numberAt, parseList, parseObject, textAt } from "../json.ts";
import { type ForeignBase, publicName, type ServedAdapter, servedAdapter } from "./foreign-status.ts";
import { Remembered } from "./remembered.ts";

export interface ModelList {
  /** As requests must name it. */
  readonly baseServedAs: string;
  readonly base: ForeignBase;
  readonly adapters: readonly ServedAdapter[];
}

const listedForMs = 30_000;

/** `GET /v1/models` as vLLM and SGLang answer it: adapters have a `parent`, the base has none and knows `max_model_len`. */
export function modelList(connection: Connection, nowMs: () => number): Remembered<ModelList> {
  return new Remembered(
    async () => readModels(parseObject(await connection.call("GET", "/v1/models"))),
    listedForMs,
    nowMs,
  );
}

function readModels(reply: JsonObject): ModelList {
  const models = parseList(reply["data"]).map(parseObject);
  const base = models.find((model) => model["parent"] == null);
  const id = base === undefined ? undefined : textAt(base, "id");
  if (base === undefined || id === undefined) throw new EngineFailedError("it lists no base model");
  return {
    baseServedAs: id,
    base: { id: publicName(id), contextSize: numberAt(base, "max_model_len") ?? 0 },
    adapters: models.flatMap((model) => {
      const name = textAt(model, "id");
      return model["parent"] == null || name === undefined ? [] : [servedAdapter(name, textAt(model, "root"))];
    }),
  };
}
