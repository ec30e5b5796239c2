import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sektor } from "./run-sektor.ts";
import { type SpeakingServer, startSpeakingServer } from "./speaking-server.ts";

let server: SpeakingServer;

beforeAll(async () => {
  server = await startSpeakingServer();
});

afterAll(() => server.close());

describe("sektor generate", () => {
  test("writes the text alone to stdout and the numbers to stderr", async () => {
    const args = [
      "generate",
      "Merhaba de",
      "--model",
      "legal",
      "--max-tokens",
      "5",
      "--temperature",
      "0",
      "--seed",
      "42",
    ];
    const { code, stdout, stderr } = await sektor(args, { url: server.url });
    expect(stdout).toBe("Merhaba\n");
    expect(stderr).toBe("[model: base · 2 belirteç · 80,3 belirteç/sn]\n");
    expect(server.completions.at(-1)).toMatchObject({
      model: "legal",
      messages: [{ role: "user", content: "Merhaba de" }],
      stream: true,
      max_tokens: 5,
      temperature: 0,
      seed: 42,
    });
    expect(code).toBe(0);
  });

  test("reads the prompt from a pipe", async () => {
    await sektor(["generate", "-"], { url: server.url, stdin: "İlk satır\nikinci\n" });
    expect(server.completions.at(-1)).toMatchObject({
      model: "auto",
      messages: [{ role: "user", content: "İlk satır\nikinci" }],
    });
  });

  test("shows an error in OpenAI's shape", async () => {
    const { code, stderr } = await sektor(["generate", "x", "--model", "yok"], { url: server.url });
    expect(stderr).toBe("Hata: The model does not exist. (404 model_not_found)\n");
    expect(code).toBe(1);
  });
});

describe("sektor classify", () => {
  test("shows the sector in Turkish, the scores and the reasons", async () => {
    const { code, stdout } = await sektor(["classify", "elektrik", "kesildi"], { url: server.url });
    expect(stdout).toContain("Enerji Dağıtımı (energy_distribution) · güven: 0,94");
    expect(stdout).toMatch(/Finans ve Bankacılık \(finance_banking\) +0,06/);
    expect(stdout).toContain("Neden: elektrik (2,5)");
    expect(code).toBe(0);
  });

  test("says when the router abstains", async () => {
    const { stdout } = await sektor(["classify", "kararsız"], { url: server.url });
    expect(stdout).toContain("Kararsız");
  });

  test("hands on the server's JSON", async () => {
    const { stdout } = await sektor(["classify", "--json"], { url: server.url, stdin: "elektrik\n" });
    expect(JSON.parse(stdout)).toMatchObject({ sector: "energy_distribution", scores: [{}, {}] });
  });
});

describe("sektor health and adapters", () => {
  test("health tells readiness and capacity", async () => {
    const { code, stdout } = await sektor(["health"], { env: { SEKTOR_URL: server.url } });
    expect(stdout).toContain("Model     hazır");
    expect(stdout).toContain("1 / 4 kullanımda, 3 boş");
    expect(code).toBe(0);
  });

  test("health fails while the model is not ready, and still shows why", async () => {
    const starting = await startSpeakingServer({ ready: false });
    try {
      const { code, stdout } = await sektor(["health", "--json"], { url: starting.url });
      expect(JSON.parse(stdout)).toMatchObject({ status: "starting", model_ready: false });
      expect(code).toBe(1);
    } finally {
      await starting.close();
    }
  });

  test("adapters come as a table", async () => {
    const { code, stdout } = await sektor(["adapters"], { url: server.url });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^Adaptör +Sektör +Boyut +Rank +Bellekte +Kullanan +İstek +Yükleme$/);
    expect(lines[2]).toMatch(
      /^finance_banking@1 +Finans ve Bankacılık \(finance_banking\) +1,5 MiB +16 +evet, sabit +2 +1\.234 +112 ms$/,
    );
    expect(lines[3]).toMatch(/^x@2 +– +– +– +hayır +0 +0 +–$/);
    expect(code).toBe(0);
  });
});

describe("sektor benchmark", () => {
  test("sends every request, as many at once as asked, and tabulates them by sector", async () => {
    const before = server.chats.length;
    const args = [
      "benchmark",
      "--concurrent",
      "3",
      "--requests",
      "10",
      "--sectors",
      "finance_banking,energy_distribution",
      "--max-tokens",
      "8",
    ];
    const { code, stdout, stderr } = await sektor(args, { url: server.url });
    const sent = server.chats.slice(before);
    expect(sent).toHaveLength(10);
    expect(sent.filter(({ sector }) => sector === "finance_banking")).toHaveLength(5);
    expect(sent.every(({ max_tokens }) => max_tokens === 8)).toBe(true);
    expect(server.mostAtOnce()).toBe(3);
    expect(stdout).toMatch(/^Sektör +İstek +TTFT p50 +TTFT p95 +Toplam p50 +Toplam p95 +Belirteç\/sn +Hata$/m);
    expect(stdout).toMatch(/^Enerji Dağıtımı \(energy_distribution\) +5 .* 0$/m);
    expect(stdout).toMatch(/^Tümü +10 .* 0$/m);
    expect(stderr).toContain("İstek %100 (10 / 10)");
    expect(code).toBe(0);
  });

  test("gives the numbers as JSON", async () => {
    const { stdout } = await sektor(["benchmark", "--concurrent", "2", "--requests", "4", "--json"], {
      url: server.url,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      concurrent: 2,
      requests: 4,
      total: { succeeded: 4, failed: 0 },
      errors: {},
    });
  });

  test("refuses sectors the server does not have", async () => {
    const { code, stderr } = await sektor(["benchmark", "--sectors", "uzay"], { url: server.url });
    expect(stderr).toContain("Bilinmeyen sektör: uzay");
    expect(code).toBe(2);
  });
});

describe("the key", () => {
  test("comes from the environment and goes with every request", async () => {
    const locked = await startSpeakingServer({ apiKey: "gizli" });
    try {
      expect((await sektor(["chat", "merhaba"], { url: locked.url, env: { SEKTOR_API_KEY: "gizli" } })).code).toBe(0);
      expect(new Set(locked.authorizations)).toEqual(new Set(["Bearer gizli"]));
      const { code, stdout, stderr } = await sektor(["adapters"], {
        url: locked.url,
        env: { SEKTOR_API_KEY: "yanlis" },
      });
      expect(stderr).toContain("SEKTOR_API_KEY");
      expect(stdout + stderr).not.toContain("yanlis");
      expect(code).toBe(1);
    } finally {
      await locked.close();
    }
  });
});

describe("exit codes and help", () => {
  test("3 and how to start a server, when nobody answers", async () => {
    const gone = await startSpeakingServer();
    await gone.close();
    const { code, stderr } = await sektor(["chat", "merhaba"], { url: gone.url });
    expect(stderr).toContain("ECONNREFUSED");
    expect(stderr).toContain("npm start");
    expect(code).toBe(3);
  });

  test("2 and a Turkish sentence, when the command line cannot be understood", async () => {
    const { code, stdout, stderr } = await sektor(["sohbet"]);
    expect(stderr).toContain("bilinmeyen komut sohbet");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("0 and every command for --help", async () => {
    const { code, stdout } = await sektor(["--help"]);
    for (const command of ["chat", "generate", "classify", "health", "adapters", "benchmark", "serve", "infer"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    expect(stdout).not.toMatch(/Usage|Options|Commands|display help|options\]|default/);
    expect(code).toBe(0);
  });
});
