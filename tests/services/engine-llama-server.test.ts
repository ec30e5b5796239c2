import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpEngine } from "../../services/engine-client/index.ts";
import { type Engine, EngineUnavailableError, type GenerateEvent } from "../../services/inference/index.ts";
import { describeEngine, type OpenedEngine } from "../conformance/engine.conformance.ts";
import { writeLora, writeTinyModel } from "../support/gguf-writer.ts";
import { type RunningLlamaServer, startLlamaServer } from "../support/llama-server.ts";

/** Built once by scripts/build-llama-server.sh from the source in node-llama-cpp; building takes minutes, finding it milliseconds. */
const binary =
  execFileSync("bash", ["scripts/build-llama-server.sh"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
    .trim()
    .split("\n")
    .at(-1) ?? "";
const folder = mkdtempSync(join(tmpdir(), "sektor-llama-server-"));
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  writeTinyModel(file("tiny.gguf"));
  writeLora(file("bir-v1.gguf"), { seed: 11 });
  writeLora(file("iki.gguf"), { seed: 12 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (places: number, more: readonly string[] = []) =>
  startLlamaServer({
    binary,
    model: file("tiny.gguf"),
    adapters: [file("bir-v1.gguf"), file("iki.gguf")],
    places,
    arguments: more,
  });

const capabilities = {
  embeddings: false,
  loading: false,
  logprobs: true,
  jsonSchema: true,
  // The model's template is plain ChatML, which shows tools to nobody.
  tools: false,
  tokenPieces: true,
  choices: true,
} as const;

// One place: whoever comes next finds in it, or in the cache behind it, what was computed under another adapter.
describeEngine(
  "llama-server with its prompt cache, as it comes",
  async () => await opened(await start(1), 1, (url) => createHttpEngine({ dialect: "llama-server", url })),
  capabilities,
);

describeEngine(
  "llama-server without its prompt cache, reusing prefixes",
  async () => {
    const server = await start(2, ["--cache-ram", "0"]);
    return await opened(server, 2, (url) =>
      createHttpEngine({ dialect: "llama-server", url: `${url}/v1/`, trustPrefixCache: true }),
    );
  },
  capabilities,
);

async function opened(
  server: RunningLlamaServer,
  places: number,
  connect: (url: string) => Engine,
): Promise<OpenedEngine> {
  const engine = connect(server.url);
  return {
    engine,
    adapters: ["bir@1", "iki@1"],
    places,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a llama-server that dies", () => {
  it("is unavailable in the middle of a reply and after it", async () => {
    await using server = await start(1);
    await using engine = createHttpEngine({ dialect: "llama-server", url: server.url });
    const request = {
      prompt: { messages: [{ role: "user" as const, content: "Merhaba" }] },
      maxTokens: 400,
      adapterId: "bir@1",
    };
    const events: GenerateEvent[] = [];
    const reading = (async () => {
      for await (const event of engine.generate(request)) {
        if (events.push(event) === 1) await server.kill();
      }
    })();
    await expect(reading).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(events.some((event) => event.type === "end")).toBe(false);
    await expect(engine.status()).rejects.toMatchObject({
      code: "engine_unavailable",
      status: 503,
      retryAfterS: expect.any(Number),
    });
  });
});
