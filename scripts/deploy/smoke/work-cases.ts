import { expect, type SmokeCase, type SmokeWorld } from "./world.ts";

const input = { prompt: "Siparişim hasarlı geldi.", max_new_tokens: 8, do_sample: false };
const base = "/v2/sektor";

/** What is done outside a turn: serverless jobs, batches, administrators' jobs. */
export const workCases: readonly SmokeCase[] = [
  {
    endpoint: "POST /v2/{endpoint}/run",
    run: async (world) => {
      const { id, status } = await world.json("POST", `${base}/run`, { json: { input } });
      world.keep("run", id);
      return status;
    },
  },
  ...(["GET", "POST"] as const).map((method) => ({
    endpoint: `${method} /v2/{endpoint}/stream/{id}`,
    run: async (world: SmokeWorld) => {
      const ask = () => world.json(method, `${base}/stream/${world.kept("run")}`);
      return (await world.until(ask, ({ status }) => status === "COMPLETED")).status;
    },
  })),
  {
    endpoint: "GET /v2/{endpoint}/status/{id}",
    run: async (world) => {
      const { status, output } = await world.json("GET", `${base}/status/${world.kept("run")}`);
      expect(status === "COMPLETED" && output !== undefined, "COMPLETED ve çıktı");
      return status;
    },
  },
  {
    endpoint: "GET /v2/{endpoint}/status-sync/{id}",
    run: async (world) => (await world.json("GET", `${base}/status-sync/${world.kept("run")}?wait=5000`)).status,
  },
  {
    endpoint: "POST /v2/{endpoint}/cancel/{id}",
    run: async (world) => (await world.json("POST", `${base}/cancel/${world.kept("run")}`)).status,
  },
  {
    endpoint: "POST /v2/{endpoint}/runsync",
    run: async (world) => {
      const { status } = await world.json("POST", `${base}/runsync?wait=30000`, { json: { input } });
      expect(status === "COMPLETED", "COMPLETED");
      return status;
    },
  },
  {
    endpoint: "POST /v2/{endpoint}/retry/{id}",
    run: async (world) => {
      // What the turn refuses fails at once, and only what failed may be tried again.
      const json = { input: { ...input, sector: "boyle_bir_sektor_yok" } };
      const { id } = await world.json("POST", `${base}/run`, { json });
      await world.until(
        () => world.json("GET", `${base}/status/${id}`),
        ({ status }) => status === "FAILED",
      );
      return (await world.json("POST", `${base}/retry/${id}`)).status;
    },
  },
  {
    endpoint: "POST /v2/{endpoint}/purge-queue",
    run: async (world) => (await world.json("POST", `${base}/purge-queue`)).status,
  },
  {
    endpoint: "GET /v2/{endpoint}/health",
    run: async (world) => {
      const { workers } = await world.json("GET", `${base}/health`);
      expect(workers?.ready > 0, "hazır bir işçi");
      return `${workers.ready} işçi`;
    },
  },
  {
    endpoint: "POST /v1/files",
    run: async (world) => {
      const body = { messages: [{ role: "user", content: "Merhaba" }], max_tokens: 4 };
      const line = JSON.stringify({ custom_id: "1", method: "POST", url: "/v1/chat/completions", body });
      const sent = { body: `${line}\n`, headers: { "content-type": "application/jsonl" } };
      const file = await world.json("POST", `/v1/files?purpose=batch&filename=${world.name}.jsonl`, sent);
      world.keep("lines", `${line}\n`);
      return world.keep("file", file.id);
    },
  },
  {
    endpoint: "GET /v1/files",
    run: async (world) => {
      const { data } = await world.json("GET", "/v1/files");
      expect(
        data.some(({ id }: { id: string }) => id === world.kept("file")),
        "yüklenen dosya",
      );
      return `${data.length} dosya`;
    },
  },
  {
    endpoint: "GET /v1/files/{id}",
    run: async (world) => `${(await world.json("GET", `/v1/files/${world.kept("file")}`)).bytes} bayt`,
  },
  {
    endpoint: "GET /v1/files/{id}/content",
    run: async (world) => {
      const { text } = await world.ask("GET", `/v1/files/${world.kept("file")}/content`);
      expect(text === world.kept("lines"), "yüklenenin aynısı");
      return "aynısı";
    },
  },
  {
    endpoint: "POST /v1/batches",
    run: async (world) => {
      const json = { input_file_id: world.kept("file"), endpoint: "/v1/chat/completions", completion_window: "24h" };
      return world.keep("batch", (await world.json("POST", "/v1/batches", { json })).id);
    },
  },
  {
    endpoint: "GET /v1/batches",
    run: async (world) => {
      const { data } = await world.json("GET", "/v1/batches");
      expect(
        data.some(({ id }: { id: string }) => id === world.kept("batch")),
        "başlatılan toplu iş",
      );
      return `${data.length} toplu iş`;
    },
  },
  {
    endpoint: "GET /v1/batches/{id}",
    run: async (world) => {
      const ask = () => world.json("GET", `/v1/batches/${world.kept("batch")}`);
      const batch = await world.until(ask, ({ status }) => status === "completed" || status === "failed");
      expect(batch.status === "completed" && batch.request_counts.completed === 1, "biten bir satır");
      world.keep("answers", batch.output_file_id);
      return batch.status;
    },
  },
  {
    endpoint: "POST /v1/batches/{id}/cancel",
    run: async (world) => {
      const json = { input_file_id: world.kept("file"), endpoint: "/v1/chat/completions", completion_window: "24h" };
      const { id } = await world.json("POST", "/v1/batches", { json });
      const { status } = await world.json("POST", `/v1/batches/${id}/cancel`);
      const ended = ["cancelled", "completed"];
      const ask = () => world.json("GET", `/v1/batches/${id}`);
      return `${status} → ${(await world.until(ask, (batch) => ended.includes(batch.status))).status}`;
    },
  },
  {
    endpoint: "DELETE /v1/files/{id}",
    run: async (world) => {
      for (const id of [world.kept("file"), world.kept("answers")]) await world.ask("DELETE", `/v1/files/${id}`);
      await world.ask("GET", `/v1/files/${world.kept("file")}`, { status: 404 });
      return "silindi";
    },
  },
  {
    endpoint: "POST /v1/jobs",
    run: async (world) => {
      const json = { name: "feedback-report", payload: { lastDays: 7 } };
      return world.keep("job", (await world.admin("POST", "/v1/jobs", { json, status: 202 })).id);
    },
  },
  {
    endpoint: "GET /v1/jobs",
    run: async (world) => {
      const reply = await world.admin("GET", "/v1/jobs");
      expect(typeof reply === "object", "liste");
      return "liste geldi";
    },
  },
  {
    endpoint: "GET /v1/jobs/{id}",
    run: async (world) => {
      const ask = () => world.admin("GET", `/v1/jobs/${encodeURIComponent(world.kept("job"))}`);
      return (await world.until(ask, ({ state }) => state === "completed")).state;
    },
  },
  {
    endpoint: "GET /v1/jobs/{id}/output",
    run: async (world) => {
      const path = `/v1/jobs/${encodeURIComponent(world.kept("job"))}/output?format=markdown`;
      const { text } = await world.ask("GET", path, { key: world.target.apiKey });
      expect(text.includes("Geri bildirim"), "geri bildirim raporu");
      return "rapor geldi";
    },
  },
  {
    endpoint: "POST /v1/jobs/{id}/retry",
    run: async (world) => {
      // What ended well cannot be tried again: the refusal proves the address, and nobody's job is touched.
      const path = `/v1/jobs/${encodeURIComponent(world.kept("job"))}/retry`;
      const { code, error } = await world.admin("POST", path, { status: 409 });
      return `409 ${code ?? error?.code}`;
    },
  },
  {
    endpoint: "POST /v1/jobs/{id}/cancel",
    run: async (world) => {
      const path = `/v1/jobs/${encodeURIComponent(world.kept("job"))}/cancel`;
      return (await world.admin("POST", path, { status: 202 })).state;
    },
  },
];
