import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sektor } from "./run-sektor.ts";
import { type SpeakingServer, startSpeakingServer } from "./speaking-server.ts";

let server: SpeakingServer;

beforeAll(async () => {
  server = await startSpeakingServer();
});

afterAll(() => server.close());

describe("sektor chat", () => {
  test("streams the reply and names sector, confidence, adapter and speed", async () => {
    const { code, stdout } = await sektor(["chat", "Kredi", "kartı", "borç", "yapılandırma"], { url: server.url });
    expect(stdout).toBe(
      "Merhaba, ğüşıöç: Kredi kartı borç yapılandırma\n" +
        "[sektör: Finans ve Bankacılık (finance_banking) · güven: 0,94 · adaptör: finance_banking@1 · 7 belirteç · 45,2 belirteç/sn]\n",
    );
    expect(code).toBe(0);
  });

  test("says when no sector was chosen and the base model answered", async () => {
    const { stdout } = await sektor(["chat", "merhaba"], { url: server.url });
    expect(stdout).toContain("sektör: genel (sektör seçilmedi)");
    expect(stdout).toContain("adaptör: yok (temel model)");
  });

  test("names the documents after the reply: those it cites, and those it only had before it", async () => {
    const { stdout } = await sektor(["chat", "kart aidatı"], { url: server.url });
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "Merhaba, ğüşıöç: kart aidatı",
      "kaynak [1] Kart[31m aidatı — 5464 sayılı Kanun",
      "bakılan [2] Erken ödeme",
    ]);
  });

  test("sends the wanted sector and limits", async () => {
    await sektor(["chat", "--sector", "energy_distribution", "--max-tokens", "9", "--temperature", "0,5", "selam"], {
      url: server.url,
    });
    expect(server.chats.at(-1)).toEqual({
      message: "selam",
      sector: "energy_distribution",
      max_tokens: 9,
      temperature: 0.5,
      stream: true,
    });
  });

  test("takes piped lines as turns of one session, and /yeni begins another", async () => {
    const before = server.chats.length;
    const { code, stdout } = await sektor(["chat"], {
      url: server.url,
      stdin: "elektrik yok\n\npeki ne zaman gelir\n/yeni\nborç\n/cikis\nasla\n",
    });
    const turns = server.chats.slice(before);
    expect(turns.map(({ message }) => message)).toEqual(["elektrik yok", "peki ne zaman gelir", "borç"]);
    expect(turns[0]?.session_id).toBeUndefined();
    expect(turns[1]?.session_id).toBe(`oturum-${before + 1}`);
    expect(turns[2]?.session_id).toBeUndefined();
    expect(stdout).not.toContain("sen>");
    expect(code).toBe(0);
  });

  test("ends at /cikis though the pipe stays open", async () => {
    const { code } = await sektor(["chat"], { url: server.url, stdin: { open: "merhaba\n/çıkış\n" } });
    expect(code).toBe(0);
  });

  test("goes on after a failed turn and tells a script by its exit code", async () => {
    const { code, stdout, stderr } = await sektor(["chat"], { url: server.url, stdin: "hata\nelektrik\n" });
    expect(stderr).toContain("Model hizmeti kapalı. (503 engine_unavailable)");
    expect(stdout).toContain("ğüşıöç: elektrik");
    expect(code).toBe(1);
  });

  test("says that a reply broke off", async () => {
    const { code, stdout, stderr } = await sektor(["chat", "bozuk"], { url: server.url });
    expect(stdout).toBe("Merhaba, \n");
    expect(stderr).toContain("Yanıt yarıda kesildi");
    expect(code).toBe(1);
  });

  test("shows the server's own words and when to try again", async () => {
    const { code, stderr } = await sektor(["chat", "dolu"], { url: server.url });
    expect(stderr).toContain("Model şu anda yoğun. (503 engine_saturated)\n7 sn sonra yeniden deneyin.");
    expect(code).toBe(1);
  });

  test("lets no escape code of a reply reach the terminal", async () => {
    const { stdout } = await sektor(["chat", "saldiri"], { url: server.url });
    expect(stdout).toContain("a]0;baslik[31mb");
    expect(stdout).not.toContain("\u0007");
    expect(stdout).not.toContain("\u001b");
  });

  test("leaves a silent server", async () => {
    const { code, stderr } = await sektor(["chat", "uzun", "--timeout", "0.5"], { url: server.url });
    expect(stderr).toContain("istek bırakıldı");
    expect(code).toBe(1);
  });

  test("ends the stream on the server's side too when interrupted", async () => {
    const before = server.abandoned();
    const { code, stdout, stderr } = await sektor(["chat", "uzun"], {
      url: server.url,
      onOutput: (child, text) => {
        if (text === "Merhaba, ") child.kill("SIGINT");
      },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "Merhaba, \n", stderr: "Durduruldu.\n" });
    await expect.poll(() => server.abandoned()).toBe(before + 1);
  });

  test("ends a piped conversation when interrupted", async () => {
    const { code } = await sektor(["chat"], {
      url: server.url,
      stdin: { open: "uzun\nelektrik\n" },
      onOutput: (child, text) => {
        if (text === "Merhaba, ") child.kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(server.chats.at(-1)?.message).toBe("uzun");
  });
});
