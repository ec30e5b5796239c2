import pino from "pino";
import { describe, expect, it } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import { buildEngineApp } from "../../../services/engine-http/index.ts";
import { InvalidRequestError, PlatformError } from "../../../services/foundation/index.ts";
import {
  AdapterNotFoundError,
  AdapterRejectedError,
  type AdapterRejection,
  ContextOverflowError,
  type Engine,
  EngineMemoryError,
  EngineSaturatedError,
  type EngineStatus,
  EngineUnavailableError,
  type GenerateEvent,
  UnsupportedFeatureError,
} from "../../../services/inference/index.ts";
import { collect, merhaba } from "./collect.ts";

/** An engine that does nothing but throw, behind the real transport. */
function throwing(error: Error, after: readonly GenerateEvent[] = []): Engine {
  return {
    async *generate() {
      yield* after;
      throw error;
    },
    embed: () => Promise.reject(error),
    tokenize: () => Promise.reject(error),
    status: async () => ({ base: { id: "base", contextSize: 64 }, adapters: [] }) as unknown as EngineStatus,
    loadAdapter: () => Promise.reject(error),
    unloadAdapter: () => Promise.reject(error),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function overTheWire(
  error: Error,
  ask: (engine: Engine) => Promise<unknown>,
  after: readonly GenerateEvent[] = [],
): Promise<unknown> {
  const app = await buildEngineApp({
    engine: throwing(error, after),
    logger: pino({ level: "silent" }),
    bodyLimitBytes: 65_536,
    replyTimeoutMs: 10_000,
    metrics: async () => "",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  await using engine = createHttpEngine({
    dialect: "sektor",
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
  });
  try {
    return await ask(engine).catch((thrown: unknown) => thrown);
  } finally {
    await app.close();
  }
}

const rejections: readonly AdapterRejection[] = [
  "not_a_gguf",
  "truncated",
  "not_an_adapter",
  "wrong_architecture",
  "wrong_base",
  "zero_effect",
  "unsupported_rank",
  "checksum_mismatch",
  "outside_folder",
  "not_found",
  "refused_by_engine",
];

const errors: readonly PlatformError[] = [
  new AdapterNotFoundError("legal@2"),
  new ContextOverflowError(600, 512),
  new EngineSaturatedError(5),
  new EngineSaturatedError(3, "every adapter place is in use"),
  new EngineMemoryError(6),
  new EngineUnavailableError(4),
  new UnsupportedFeatureError("A grammar of this kind", "response_format"),
  ...rejections.map((reason) => new AdapterRejectedError("legal@2", reason, `ayrıntı: "${reason}"`)),
];

describe("an error thrown behind infer", () => {
  it.each(errors.map((error) => [error.name, error.code, error] as const))(
    "comes out as it was thrown: %s %s",
    async (_name, _code, error) => {
      const ask =
        error instanceof AdapterRejectedError
          ? (engine: Engine) => engine.loadAdapter({ name: "legal@2", path: "x" })
          : (engine: Engine) => collect(engine, { ...merhaba, adapterId: "legal@2" });
      const received = await overTheWire(error, ask);
      expect(received).toBeInstanceOf(error.constructor);
      expect(received).toMatchObject({
        code: error.code,
        status: error.status,
        message: error.message,
        messageTr: error.messageTr,
        param: error.param,
        retryAfterS: error.retryAfterS,
      });
    },
  );

  it("keeps the code, status and parameter of any other refusal", async () => {
    const received = await overTheWire(
      new InvalidRequestError("There is nothing to embed.", { param: "input", code: "empty_input" }),
      (engine) => engine.embed(["x"]),
    );
    expect(received).toBeInstanceOf(PlatformError);
    expect(received).toMatchObject({
      code: "empty_input",
      status: 400,
      message: "There is nothing to embed.",
      param: "input",
    });
  });

  it("is still itself when the reply has begun", async () => {
    const received = await overTheWire(new EngineUnavailableError(2), (engine) => collect(engine), [
      { type: "text-delta", text: "Se" },
    ]);
    expect(received).toMatchObject({
      name: "EngineUnavailableError",
      code: "engine_unavailable",
      status: 503,
      retryAfterS: 2,
    });
  });

  it("tells nothing when nobody foresaw it", async () => {
    const received = await overTheWire(new Error("/srv/secret exploded"), (engine) => collect(engine));
    expect(received).toMatchObject({ code: "engine_failed", status: 502 });
    expect((received as Error).message).not.toContain("secret");
  });
});
