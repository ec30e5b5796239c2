import type { AddressInfo } from "node:net";
import Fastify, { type FastifyReply } from "fastify";

interface ChatBody {
  readonly message: string;
  readonly session_id?: string;
  readonly sector?: string;
  readonly stream?: boolean;
  readonly max_tokens?: number;
}

export interface SpeakingServer {
  readonly url: string;
  /** Bodies of `POST /api/v1/chat`, in order. */
  readonly chats: readonly ChatBody[];
  /** Bodies of `POST /v1/chat/completions`. */
  readonly completions: readonly object[];
  readonly authorizations: readonly (string | undefined)[];
  /** Streams whose client left before their end. */
  readonly abandoned: () => number;
  /** Most chats that were running at the same time. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/**
 * A real server with the shapes of the platform and none of its work. Some messages ask for a fault:
 * `bozuk` breaks off midway, `hata` ends in an error event, `uzun` never ends, `dolu` is refused with 503, `saldiri` sends escape codes.
 */
export async function startSpeakingServer(
  options: { readonly apiKey?: string; readonly ready?: boolean } = {},
): Promise<SpeakingServer> {
  const app = Fastify();
  const chats: ChatBody[] = [];
  const completions: object[] = [];
  const authorizations: (string | undefined)[] = [];
  let abandoned = 0;
  let running = 0;
  let mostAtOnce = 0;

  app.addHook("onRequest", async (request, reply) => {
    authorizations.push(request.headers.authorization);
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return reply.code(401).send({
        type: "x",
        title: "InvalidKeyError",
        status: 401,
        code: "invalid_api_key",
        detail: "Anahtar geçersiz.",
      });
    }
  });
  app.get("/health", async (_request, reply) => {
    const ready = options.ready !== false;
    const capacity = { active: 1, total: 4, available: 3, has_capacity: true };
    return reply.code(ready ? 200 : 503).send({
      status: ready ? "healthy" : "starting",
      model_ready: ready,
      capacity,
      service: "sektor",
      version: "0.1.0",
      timestamp: "2026-01-01T00:00:00.000Z",
    });
  });
  app.get("/v1/sectors", async () => ({
    object: "list",
    data: [
      { id: "finance_banking", name: { tr: "Finans ve Bankacılık", en: "Finance and Banking" } },
      { id: "energy_distribution", name: { tr: "Enerji Dağıtımı", en: "Energy Distribution" } },
    ],
  }));
  app.get("/v1/adapters", async () => ({
    object: "list",
    data: [
      {
        id: "finance_banking@1",
        name: "finance_banking",
        version: "1",
        sector: "finance_banking",
        file: "f.gguf",
        bytes: 1_572_864,
        rank: 16,
        resident: true,
        pinned: true,
        references: 2,
        hits: 1234,
        load_ms: 111.6,
      },
      {
        id: "x@2",
        name: "x",
        version: "2",
        sector: null,
        bytes: null,
        rank: null,
        resident: false,
        pinned: false,
        references: 0,
        hits: 0,
        load_ms: null,
      },
    ],
  }));
  app.post<{ Body: { text: string } }>("/v1/classify", async (request) => ({
    sector: "energy_distribution",
    confidence: 0.94,
    abstained: request.body.text === "kararsız",
    scores: [
      { sector: "energy_distribution", confidence: 0.94 },
      { sector: "finance_banking", confidence: 0.06 },
    ],
    why: [{ feature: "elektrik", weight: 2.5 }],
    ms: 0.2,
  }));
  app.post<{ Body: { model?: string } }>("/v1/chat/completions", async (request, reply) => {
    completions.push(request.body);
    if (request.body.model === "yok") {
      return reply.code(404).send({
        error: {
          message: "The model does not exist.",
          type: "invalid_request_error",
          param: "model",
          code: "model_not_found",
        },
      });
    }
    const send = openStream(reply);
    send(undefined, { model: "base", choices: [{ index: 0, delta: { role: "assistant", content: "" } }] });
    for (const content of ["Mer", "haba"])
      send(undefined, { model: "base", choices: [{ index: 0, delta: { content } }] });
    send(undefined, {
      model: "base",
      choices: [],
      usage: { completion_tokens: 2 },
      timings: { predicted_per_second: 80.25 },
    });
    reply.raw.end("data: [DONE]\n\n");
  });
  app.post<{ Body: ChatBody }>("/api/v1/chat", async (request, reply) => {
    chats.push(request.body);
    const { message, session_id = `oturum-${chats.length}`, sector: forced } = request.body;
    if (message === "dolu") {
      return reply.code(503).header("retry-after", "7").type("application/problem+json").send({
        type: "x",
        title: "EngineSaturatedError",
        status: 503,
        code: "engine_saturated",
        detail: "Model şu anda yoğun.",
      });
    }
    running++;
    mostAtOnce = Math.max(mostAtOnce, running);
    reply.raw.on("close", () => {
      running--;
      if (!reply.raw.writableEnded) abandoned++;
    });
    const sector =
      forced ??
      (message.includes("elektrik") ? "energy_distribution" : message.includes("borç") ? "finance_banking" : null);
    const adapter = sector === null ? null : { name: sector, version: "1" };
    const facts = {
      sector,
      confidence: sector === null ? 0.21 : 0.94,
      adapter,
      alternatives: [],
      session_id,
      message_id: "m1",
      routed_by: "router",
    };
    const send = openStream(reply);
    send("routing", facts);
    send("delta", { text: message === "saldiri" ? "a\u001b]0;baslik\u0007\u001b[31mb" : "Merhaba, " });
    if (message === "uzun") return;
    await new Promise((resolve) => setTimeout(resolve, 15));
    if (message === "bozuk") {
      reply.raw.destroy();
      return;
    }
    if (message === "hata") {
      send("error", {
        type: "x",
        title: "EngineUnavailableError",
        status: 503,
        code: "engine_unavailable",
        detail: "Model hizmeti kapalı.",
      });
      reply.raw.end();
      return;
    }
    send("delta", { text: `ğüşıöç: ${message}` });
    send("end", {
      ...facts,
      response: "…",
      tool_calls: [],
      sources: message.includes("aidat")
        ? [
            { document: "k1", title: "Kart\u001b[31m aidatı", source: "5464 sayılı Kanun", cited: true },
            { document: "k2", title: "Erken ödeme", cited: false },
          ]
        : [],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
      timings: { predicted_per_second: 45.23, prompt_ms: 3 },
    });
    reply.raw.end();
  });

  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    chats,
    completions,
    authorizations,
    abandoned: () => abandoned,
    mostAtOnce: () => mostAtOnce,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function openStream(reply: FastifyReply): (event: string | undefined, data: object) => void {
  reply.hijack();
  reply.raw.writeHead(200, { "content-type": "text/event-stream" });
  return (event, data) => {
    reply.raw.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
  };
}
