import { createHttpEngine } from "../../services/engine-client/index.ts";
import { Disposal } from "../../services/foundation/index.ts";
import { createLogger, openTracing, type Tracing, type TracingSettings } from "../../services/observability/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { startEngineServer } from "./engine-server.ts";
import { buildTestGateway, type GatewayOptions } from "./gateway.ts";
import { startOtlpReceiver } from "./otlp-receiver.ts";
import type { Script } from "./scripted-engine.ts";

export const everyTrace: TracingSettings = {
  endpoint: "",
  headers: [],
  sampleRatio: 1,
  fromCallers: true,
  queueSpans: 2048,
  exportEveryMs: 50,
  exportTimeoutMs: 2000,
};

export interface TracedGatewayOptions {
  readonly script?: Script;
  readonly tracing?: Partial<TracingSettings>;
  readonly gateway?: Partial<GatewayOptions>;
}

/** A gateway and an engine behind HTTP, each with traces of its own, and the collector they send them to. */
export async function openTracedGateway({ script = {}, tracing = {}, gateway = {} }: TracedGatewayOptions = {}) {
  const disposal = new Disposal();
  const receiver = disposal.own(await startOtlpReceiver(), (opened) => opened[Symbol.asyncDispose]());
  const traced = async (service: string): Promise<Tracing> => {
    const settings = { ...everyTrace, endpoint: receiver.url, ...tracing };
    const log = createLogger("test", "silent");
    const opened = await openTracing(settings, {
      service,
      version: "1",
      log,
      callersAreOurs: service.endsWith("infer"),
    });
    if (opened === undefined) throw new Error("Nothing is traced.");
    return disposal.own(opened, (each) => each[Symbol.asyncDispose]());
  };
  const engineTracing = await traced("sektor-infer");
  const gatewayTracing = await traced("sektor");
  const server = disposal.own(
    await startEngineServer({ adapters: ["legal@1", "energy@3"], ...script }, engineTracing),
    (opened) => opened[Symbol.asyncDispose](),
  );
  const url = server.environment["SEKTOR_ENGINE_URL"] ?? "";
  const engine = disposal.own(createHttpEngine({ dialect: "sektor", url }), (opened) => opened[Symbol.asyncDispose]());
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    answeredBy: engine,
    tracing: gatewayTracing,
    ...gateway,
  });
  disposal.own(built.app, (opened) => opened.close());
  const gatewayUrl = await built.app.listen({ host: "127.0.0.1", port: 0 });
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${gatewayUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  return {
    ...built,
    receiver,
    server,
    gatewayTracing,
    engineTracing,
    post,
    url: gatewayUrl,
    close: () => disposal.close(),
  };
}
