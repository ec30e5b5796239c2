import { expect, type SmokeCase, serverSentEvents } from "./world.ts";

const question = "Kredi kartı borcumu yapılandırmak istiyorum.";
const few = { max_tokens: 12, temperature: 0 };

/** Turns, in our own words and in OpenAI's; whole and streaming. */
export const chatCases: readonly SmokeCase[] = [
  {
    endpoint: "POST /api/v1/chat",
    run: async (world) => {
      const json = { message: question, user_id: world.name, ...few };
      const { data } = await world.json("POST", "/api/v1/chat", { json });
      expect(data.sector === "finance_banking", "sector: finance_banking");
      expect(data.response.trim() !== "", "yanıt metni");
      world.keep("session", data.session_id);
      world.keep("message", data.message_id);
      return `${data.sector}, ${data.adapter?.name ?? "temel model"}`;
    },
  },
  {
    endpoint: "POST /api/v1/chat (SSE)",
    run: async (world) => {
      const json = { message: question, user_id: world.name, stream: true, ...few };
      const { text, headers } = await world.ask("POST", "/api/v1/chat", { json });
      expect(headers["content-type"]?.startsWith("text/event-stream"), "text/event-stream");
      const events = serverSentEvents(text);
      const deltas = events.filter(({ event }) => event === "delta").map(({ data }) => data.text);
      const last = events.at(-1);
      expect(events[0]?.event === "routing" && last?.event === "end", "routing … end olayları");
      expect(deltas.length > 0 && deltas.join("") === last.data.response, "parçaların bütünü vermesi");
      return `${events.length} olay`;
    },
  },
  {
    endpoint: "POST /rag",
    run: async (world) => {
      const json = { query: "Kredi kartı borcuna bileşik faiz uygulanır mı?", sector: "finance_banking" };
      const reply = await world.json("POST", "/rag", { json });
      const { data = reply } = reply;
      expect(JSON.stringify(data).includes("source"), "kaynaklar");
      return "kaynaklı yanıt";
    },
  },
  {
    endpoint: "GET /api/v1/chat/system/status",
    run: async (world) => {
      const reply = await world.json("GET", "/api/v1/chat/system/status");
      expect(typeof reply === "object" && reply !== null, "durum");
      return "durum geldi";
    },
  },
  {
    endpoint: "POST /v1/chat/completions",
    run: async (world) => {
      const json = { model: "auto", messages: [{ role: "user", content: question }], ...few };
      const { choices, usage, sector } = await world.json("POST", "/v1/chat/completions", { json });
      expect(choices?.[0]?.message?.content, "yanıt metni");
      expect(usage?.completion_tokens > 0, "usage");
      return `${sector ?? "auto"}, ${usage.completion_tokens} belirteç`;
    },
  },
  {
    endpoint: "POST /v1/chat/completions (SSE)",
    run: async (world) => {
      const json = { model: "auto", stream: true, messages: [{ role: "user", content: question }], ...few };
      const events = serverSentEvents((await world.ask("POST", "/v1/chat/completions", { json })).text);
      expect(events.length > 2 && events.at(-1)?.data === "[DONE]", "[DONE] ile biten akış");
      return `${events.length} olay`;
    },
  },
  {
    endpoint: "POST /v1/completions",
    run: async (world) => {
      const { choices } = await world.json("POST", "/v1/completions", {
        json: { prompt: "Türkiye'nin başkenti", ...few },
      });
      expect(typeof choices?.[0]?.text === "string", "metin");
      return "metin geldi";
    },
  },
  {
    endpoint: "POST /v1/embeddings",
    run: async (world) => {
      const { data } = await world.json("POST", "/v1/embeddings", { json: { input: ["Merhaba", "Günaydın"] } });
      expect(data?.length === 2 && data[0].embedding.length > 8, "iki vektör");
      return `${data[0].embedding.length} boyut`;
    },
  },
];

/** After the feedback on a reply of the session. */
export const sessionCases: readonly SmokeCase[] = [
  {
    endpoint: "GET /v1/sessions/{id}",
    run: async (world) => {
      const session = await world.json("GET", `/v1/sessions/${world.kept("session")}`);
      expect(JSON.stringify(session).includes("yapılandırmak"), "söylenen ileti");
      return "konuşma duruyor";
    },
  },
  {
    endpoint: "DELETE /v1/sessions/{id}",
    run: async (world) => {
      const path = `/v1/sessions/${world.kept("session")}`;
      await world.ask("DELETE", path);
      await world.ask("GET", path, { status: 404 });
      return "silindi";
    },
  },
];
