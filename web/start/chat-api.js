import { readEvents } from "./event-stream.js";

/** A request that was answered with an error, or not at all. `kind`: problem | unreachable | broken | unreadable. */
export class ApiFailure extends Error {
  constructor(kind, { status = 0, code = "", detail = "", retryAfterS } = {}) {
    super(detail || kind);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * The gateway as this page needs it. Addresses are relative to the page, so it also works below a path.
 * @param {{ key: () => string, language: () => string }} surroundings
 */
export function createChatApi({ key, language }) {
  async function ask(address, options = {}) {
    const headers = { "accept-language": language(), ...options.headers };
    if (key() !== "") headers.authorization = `Bearer ${key()}`;
    let reply;
    try {
      reply = await fetch(address, { ...options, headers });
    } catch (fault) {
      if (options.signal?.aborted) throw fault;
      throw new ApiFailure("unreachable");
    }
    if (!reply.ok) throw await failureOf(reply);
    return reply;
  }

  return {
    sectors: async () => (await (await ask("v1/sectors")).json()).data,

    session: async (id) => await (await ask(`v1/sessions/${encodeURIComponent(id)}`)).json(),

    /** Model and readiness; an unhealthy server answers 503 with the same shape. */
    health: async () => {
      const reply = await fetch("health");
      return { ready: reply.ok, ...(await reply.json()) };
    },

    /**
     * One turn: any number of `{event, data}` of routing, delta and end.
     * @throws {ApiFailure} also when the stream breaks off before its end
     */
    chat: async function* (turn, signal) {
      const reply = await ask("api/v1/chat", {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream" },
        body: JSON.stringify({ ...turn, stream: true }),
        signal,
      });
      try {
        for await (const { event, data } of readEvents(reply.body)) {
          // What had arrived before the stop is not shown after it.
          signal.throwIfAborted();
          const facts = JSON.parse(data);
          if (event === "error") throw new ApiFailure("problem", facts);
          yield { event, data: facts };
          if (event === "end") return;
        }
      } catch (fault) {
        if (signal.aborted || fault instanceof ApiFailure) throw fault;
      }
      throw new ApiFailure("broken");
    },
  };
}

/** Problem details outside /v1, OpenAI's shape inside. */
async function failureOf(reply) {
  const retryAfterS = Number(reply.headers.get("retry-after")) || undefined;
  try {
    const body = await reply.json();
    const { code, detail, message } = body.error ?? body;
    return new ApiFailure("problem", { status: reply.status, code, detail: detail ?? message, retryAfterS });
  } catch {
    return new ApiFailure("unreadable", { status: reply.status, retryAfterS });
  }
}
