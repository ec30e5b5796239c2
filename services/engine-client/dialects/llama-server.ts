import { AdapterNotFoundError, UnsupportedFeatureError } from "../../inference/index.ts";
import { type JsonObject, numberAt, parseList, parseObject, textAt } from "../json.ts";
import { adapterFileName } from "./adapter-file-name.ts";
import { choiceGrammar } from "./choice-grammar.ts";
import type { DialectContext, EngineDialect } from "./engine-dialect.ts";
import { findAdapter } from "./find-adapter.ts";
import { foreignStatus, publicName, type ServedAdapter } from "./foreign-status.ts";
import { llamaTokens } from "./llama-tokens.ts";
import { embedText } from "./openai-vectors.ts";
import { Remembered } from "./remembered.ts";

interface Slot extends ServedAdapter {
  /** Position on llama-server's command line. */
  readonly number: number;
}

const listedForMs = 30_000;

/**
 * llama-server: each request lists the scale of every adapter, by its number on the command line; without a list all of them are applied.
 * Its prompt cache in main memory (--cache-ram, on by default) is looked up by tokens alone and hands one adapter's keys and values to another
 * (tools/server/server-task.cpp, server_prompt_cache::load), so prompts are computed anew unless we are told that it is off.
 */
export function llamaServerDialect({ connection, nowMs, trustPrefixCache }: DialectContext): EngineDialect {
  const slots = new Remembered(
    async () => readSlots(await connection.call("GET", "/lora-adapters")),
    listedForMs,
    nowMs,
  );
  const props = new Remembered(async () => parseObject(await connection.call("GET", "/props")), listedForMs, nowMs);
  return {
    shortensPrompts: false,
    sendsStopStrings: false,
    cutsRawText: false,
    hangsUpAfterStreams: true,
    adapterFields: async (adapterId) => {
      const listed = await slots.get();
      const chosen = adapterId === undefined ? undefined : (findAdapter(listed, adapterId) as Slot | undefined);
      if (adapterId !== undefined && chosen === undefined) throw new AdapterNotFoundError(adapterId);
      if (listed.length === 0) return {};
      return {
        lora: listed.map((slot) => ({ id: slot.number, scale: slot === chosen ? 1 : 0 })),
        ...(trustPrefixCache ? {} : { cache_prompt: false }),
      };
    },
    translate: async ({ structured_outputs: _, ...body }, { sampling = {}, reusePrefix, responseFormat }) => {
      // It would show the tools to nobody and answer as if nothing had been asked.
      const caps = "tools" in body ? parseObject((await props.get())["chat_template_caps"]) : {};
      if (caps["supports_tools"] === false)
        throw new UnsupportedFeatureError("Tool calling with this model's chat template", "tools");
      return {
        ...body,
        ...toolChoice(body),
        ...(responseFormat?.type === "choice" ? { grammar: choiceGrammar(responseFormat.choices) } : {}),
        top_p: sampling.topP ?? 1,
        top_k: sampling.topK ?? 0,
        min_p: sampling.minP ?? 0,
        repeat_penalty: sampling.repeatPenalty ?? 1,
        ...(reusePrefix === undefined ? {} : { cache_prompt: reusePrefix }),
      };
    },
    status: async (inFlight) => {
      slots.forget();
      props.forget();
      const [facts, models, listed] = await Promise.all([
        props.get(),
        connection.call("GET", "/v1/models").then(parseObject),
        slots.get(),
      ]);
      const model = parseObject(parseList(models["data"])[0]);
      const meta = parseObject(model["meta"]);
      const contextSize =
        numberAt(parseObject(facts["default_generation_settings"]), "n_ctx") ?? numberAt(meta, "n_ctx") ?? 0;
      return foreignStatus(
        {
          id: publicName(textAt(model, "id") ?? "llama-server"),
          contextSize,
          quantization: textAt(meta, "ftype") ?? null,
          parameters: numberAt(meta, "n_params") ?? null,
          bytes: numberAt(meta, "size") ?? null,
          chatTemplate: (textAt(facts, "chat_template") ?? "") !== "",
        },
        listed,
        { active: inFlight, total: numberAt(facts, "total_slots") ?? 1 },
      );
    },
    tokenize: (text, options) => llamaTokens(connection, text, options),
    embed: (text, signal) => embedText(connection, {}, text, signal),
    loadAdapter: async () => unsupported("Loading adapters while it runs", "lora_name"),
    unloadAdapter: async () => unsupported("Unloading adapters", "lora_name"),
    explain: () => undefined,
    forget: () => {
      slots.forget();
      props.forget();
    },
  };
}

/** It knows `none`, `auto` and `required` only: a named tool becomes the only one, and required. */
function toolChoice(body: JsonObject): JsonObject {
  const named = textAt(parseObject(parseObject(body["tool_choice"])["function"]), "name");
  if (named === undefined) return {};
  return {
    tools: parseList(body["tools"]).filter(
      (tool) => textAt(parseObject(parseObject(tool)["function"]), "name") === named,
    ),
    tool_choice: "required",
  };
}

function readSlots(reply: unknown): readonly Slot[] {
  return parseList(reply).map((entry, position) => {
    const path = textAt(parseObject(entry), "path") ?? "";
    return { ...adapterFileName(path), number: numberAt(parseObject(entry), "id") ?? position };
  });
}

function unsupported(feature: string, param: string): never {
  throw new UnsupportedFeatureError(feature, param);
}
