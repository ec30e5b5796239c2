import { createHash } from "node:crypto";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../services/access/memory-api-key-store.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { launchBrowser, type OpenedPage, openPage } from "../support/browser.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

/** A session as the server opens it: without voice activity it looks for no turns, without a voice it answers in writing. */
function sessionThat({ speaks = true, findsTurns = true, syntheticOnly = false } = {}) {
  return {
    output_modalities: [speaks ? "audio" : "text"],
    audio: { input: { turn_detection: findsTurns ? { type: "server_vad" } : null } },
    x_synthetic_only: syntheticOnly,
  };
}

/** The server's side of the page's socket, played by the test. */
class Server {
  readonly heard: Event[] = [];
  socket: WebSocketRoute | undefined;
  /** As it is when it opens. */
  session = sessionThat();

  async attach(page: Page): Promise<void> {
    await page.routeWebSocket(/\/v1\/realtime/, (socket) => {
      this.socket = socket;
      socket.onMessage((message) => this.heard.push(JSON.parse(String(message)) as Event));
      this.say({ type: "session.created", session: this.session });
    });
  }

  say(...events: readonly Event[]): void {
    for (const event of events) this.socket?.send(JSON.stringify(event));
  }

  of(type: string): readonly Event[] {
    return this.heard.filter((event) => event.type === type);
  }

  /** Waits for the page to say something of this type; answers the last of it. */
  async hears(type: string): Promise<Event> {
    await expect.poll(() => this.of(type).length, { timeout: 30_000 }).toBeGreaterThan(0);
    return this.of(type).at(-1) as Event;
  }
}

const tone = Buffer.from(
  Int16Array.from({ length: 24_000 }, (_, at) => 8000 * Math.sin((at * 2 * Math.PI * 440) / 24_000)).buffer,
).toString("base64");

const sectorFacts = {
  type: "x.sector",
  response_id: "resp_1",
  session_id: "session-1",
  message_id: "message-1",
  sector: "legal",
  confidence: 0.9,
  routed_by: "router",
  adapter: null,
  alternatives: [],
};

/** A reply of `seconds` seconds, up to where it is still being made. */
function reply(seconds: number): readonly Event[] {
  return [
    { type: "response.created", response: { id: "resp_1" } },
    sectorFacts,
    { type: "response.output_item.added", response_id: "resp_1", item: { id: "item_2", type: "message" } },
    { type: "response.output_audio_transcript.delta", item_id: "item_2", delta: "Merhaba, " },
    { type: "response.output_audio_transcript.delta", item_id: "item_2", delta: "buyurun." },
    ...Array.from({ length: seconds }, () => ({ type: "response.output_audio.delta", item_id: "item_2", delta: tone })),
  ];
}

const done = (status: string): Event => ({ type: "response.done", response: { id: "resp_1", status } });

let gateway: Awaited<ReturnType<typeof buildTestGateway>>["app"];
let url: string;
let browser: Browser;
let opened: OpenedPage;
let page: Page;
let server: Server;
beforeAll(async () => {
  const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]) };
  ({ app: gateway } = await buildTestGateway(parts));
  url = await gateway.listen({ host: "127.0.0.1", port: 0 });
  // Chromium's own microphone: a beep every second.
  browser = await launchBrowser(["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), gateway?.close()]);
});
beforeEach(async () => {
  opened = await openPage(browser, { permissions: ["microphone"] });
  page = opened.page;
  server = new Server();
  await server.attach(page);
});
afterEach(async () => {
  await opened?.close();
});

const state = (name: string) => page.locator(`.presence[data-state=${name}]`).waitFor();

/** Opens the page and begins to talk. */
async function begin({ byHand = false } = {}): Promise<void> {
  await page.goto(`${url}/voice`);
  await page.locator("#sector option").nth(3).waitFor({ state: "attached" });
  if (byHand) await page.getByLabel("Bas-konuş").check();
  await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
  await server.hears("session.update");
  server.say({ type: "session.updated" });
  await state(byHand ? "waiting" : "listening");
}

const speechStarted = { type: "input_audio_buffer.speech_started", item_id: "item_3", audio_start_ms: 0 };

describe("the voice page", () => {
  it("sends the microphone as 20 ms frames of 24 kHz PCM, and nothing before the session stands", async () => {
    await page.goto(`${url}/voice`);
    await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
    const update = await server.hears("session.update");
    expect(update["session"]).toMatchObject({
      type: "realtime",
      audio: { input: { turn_detection: { type: "server_vad" } } },
      x_sector: null,
    });
    expect(server.of("input_audio_buffer.append")).toEqual([]);
    server.say({ type: "session.updated" });
    const frame = await server.hears("input_audio_buffer.append");
    expect(Buffer.from(String(frame["audio"]), "base64")).toHaveLength(960);
    expect(opened.errors).toEqual([]);
  });

  it("shows what is being said, what it is taken for in the end, and who answers", async () => {
    await begin();
    const partial = "conversation.item.input_audio_transcription.delta";
    server.say({ ...speechStarted, item_id: "item_1" }, { type: partial, item_id: "item_1", x_transcript: "kira söz" });
    await page.locator(".message.user.streaming").getByText("kira söz", { exact: true }).waitFor();
    await state("hearing");
    server.say(
      { type: "input_audio_buffer.speech_stopped", item_id: "item_1" },
      { type: "input_audio_buffer.committed", item_id: "item_1" },
    );
    await state("thinking");
    server.say(
      {
        type: "conversation.item.input_audio_transcription.completed",
        item_id: "item_1",
        transcript: "kira sözleşmem bitiyor",
      },
      ...reply(1),
    );
    await page.locator(".message.user:not(.streaming)").getByText("kira sözleşmem bitiyor").waitFor();
    await state("speaking");
    const answer = page.locator(".message.assistant");
    expect(await answer.locator(".text").textContent()).toBe("Merhaba, buyurun.");
    expect(await answer.locator(".sector").textContent()).toBe("legal");
    server.say(done("completed"));
    await state("listening");
    expect(await answer.getByRole("link", { name: "Bu yanıtı değerlendir" }).getAttribute("href")).toBe(
      "feedback?message_id=message-1&session_id=session-1&sector=legal",
    );
    expect(opened.errors).toEqual([]);
  });

  it("takes back what turned out to be no speech", async () => {
    await begin();
    server.say(speechStarted);
    await page.locator(".message.user").waitFor();
    server.say(
      { type: "input_audio_buffer.committed", item_id: "item_3" },
      { type: "conversation.item.input_audio_transcription.completed", item_id: "item_3", transcript: "" },
    );
    await page.locator(".message.user").waitFor({ state: "detached" });
    await state("listening");
  });

  it("falls silent when the caller speaks, and reports how much of the reply was heard", async () => {
    await begin();
    server.say(...reply(4));
    await state("speaking");
    server.say(speechStarted);
    const truncate = await server.hears("conversation.item.truncate");
    expect(truncate).toMatchObject({ item_id: "item_2", content_index: 0 });
    expect(truncate["audio_end_ms"]).toBeGreaterThanOrEqual(0);
    expect(truncate["audio_end_ms"]).toBeLessThan(4000);
    await state("hearing");
    server.say(done("cancelled"));
    await page.getByText("Sözü kesildi; konuşmada yalnızca duyulan kısım kaldı.").waitFor();
    server.say({ type: "input_audio_buffer.committed", item_id: "item_3" });
    await state("thinking");
  });

  it("goes on, and takes back that it was interrupted, where it was a cough", async () => {
    await begin();
    server.say(...reply(4));
    await state("speaking");
    server.say(speechStarted, done("cancelled"));
    const note = page.getByText("Sözü kesildi; konuşmada yalnızca duyulan kısım kaldı.");
    await note.waitFor();
    server.say(
      { type: "input_audio_buffer.speech_stopped", item_id: "item_3" },
      { type: "input_audio_buffer.committed", item_id: "item_3" },
      { type: "conversation.item.input_audio_transcription.completed", item_id: "item_3", transcript: "" },
      { type: "response.created", response: { id: "resp_2", metadata: { x_resumes: "resp_1" } } },
      { type: "response.output_item.added", response_id: "resp_2", item: { id: "item_4", type: "message" } },
      { type: "response.output_audio.delta", item_id: "item_4", delta: tone },
    );
    await note.waitFor({ state: "detached" });
    await state("speaking");
    expect(await page.locator(".message.assistant").last().locator(".sector").textContent()).toBe("legal");
    expect(await page.locator(".message.user").count()).toBe(0);
  });

  it("reports nothing of a reply that was heard to its end", async () => {
    await begin();
    server.say(...reply(1), done("completed"));
    await state("speaking");
    await state("listening");
    server.say(speechStarted);
    await state("hearing");
    // A second trip to the page: whatever it had to say about the first event has been said.
    await page.getByLabel("Sektör", { exact: true }).selectOption("energy");
    await expect.poll(() => server.of("session.update").length).toBe(2);
    expect(server.of("conversation.item.truncate")).toEqual([]);
  });

  it.each([
    ["the button", () => page.getByRole("button", { name: "Sözünü kes" }).click()],
    ["Escape", () => page.keyboard.press("Escape")],
  ])("interrupts by %s", async (_name, interrupt) => {
    await begin();
    server.say(...reply(4));
    await state("speaking");
    await interrupt();
    await server.hears("response.cancel");
    expect((await server.hears("conversation.item.truncate"))["item_id"]).toBe("item_2");
    server.say(done("cancelled"));
    await state("listening");
    expect(await page.getByRole("button", { name: "Sözünü kes" }).isVisible()).toBe(false);
  });

  it("with push to talk sends only what is said while the button is held, and asks for the reply when it is let go", async () => {
    await begin({ byHand: true });
    expect((await server.hears("session.update"))["session"]).toMatchObject({
      audio: { input: { turn_detection: null } },
    });
    expect(server.of("input_audio_buffer.append")).toEqual([]);
    await page.getByRole("button", { name: "Konuşurken basılı tutun" }).focus();
    await page.keyboard.down("Space");
    await state("hearing");
    await expect.poll(() => server.of("input_audio_buffer.append").length).toBeGreaterThan(10);
    await page.keyboard.up("Space");
    await server.hears("response.create");
    const kinds = server.heard.map(({ type }) => type).filter((type) => type !== "session.update");
    expect([...new Set(kinds)]).toEqual([
      "input_audio_buffer.clear",
      "input_audio_buffer.append",
      "input_audio_buffer.commit",
      "response.create",
    ]);
  });

  it("forces the sector that is chosen, and goes on with the conversation of this tab", async () => {
    await begin();
    server.say(...reply(1), done("completed"));
    await page.locator(".message.assistant .facts").waitFor();
    await page.getByLabel("Sektör", { exact: true }).selectOption("energy");
    await expect.poll(() => server.of("session.update").length).toBe(2);
    expect((await server.hears("session.update"))["session"]).toMatchObject({
      x_sector: "energy",
      x_session_id: "session-1",
    });
  });

  it("asks for no voice where the server has none, and shows what it answers in writing", async () => {
    server.session = sessionThat({ speaks: false });
    await begin();
    expect((await server.hears("session.update"))["session"]).not.toHaveProperty("output_modalities");
    const [created, sector, added] = reply(0);
    server.say(
      created as Event,
      sector as Event,
      added as Event,
      { type: "response.output_text.delta", item_id: "item_2", delta: "Merhaba, " },
      { type: "response.output_text.delta", item_id: "item_2", delta: "buyurun." },
      { type: "response.output_text.done", item_id: "item_2", text: "Merhaba, buyurun." },
      done("completed"),
    );
    const answer = page.locator(".message.assistant:not(.streaming)");
    await answer.getByText("Merhaba, buyurun.").waitFor();
    expect(await page.locator("#reader").textContent()).toBe("Merhaba, buyurun.");
    await state("listening");
    expect(opened.errors).toEqual([]);
  });

  it("is held to speak where the server finds no turns, from the first moment or from one in between", async () => {
    server.session = sessionThat({ findsTurns: false });
    await page.goto(`${url}/voice`);
    await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
    const withoutTurns = { audio: { input: { turn_detection: null } } };
    expect((await server.hears("session.update"))["session"]).toMatchObject(withoutTurns);
    server.say({ type: "session.updated" });
    await state("waiting");
    await page.getByRole("button", { name: "Konuşurken basılı tutun" }).waitFor();

    await page.getByLabel("Bas-konuş").uncheck();
    await expect.poll(() => server.of("session.update").length).toBe(2);
    const error = { type: "server_error", code: "voice_activity_unavailable", message: "x", x_message_tr: "Yok." };
    server.say({ type: "error", error });
    await state("waiting");
    await expect.poll(() => server.of("session.update").length).toBe(3);
    expect((await server.hears("session.update"))["session"]).toMatchObject(withoutTurns);
    expect(await page.getByLabel("Bas-konuş").isChecked()).toBe(true);
  });

  it("does not wait for ever for a session whose wishes are refused: it tells why, and listens", async () => {
    await page.goto(`${url}/voice`);
    await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
    await server.hears("session.update");
    const error = { type: "invalid_request_error", code: "x", message: "No.", x_message_tr: "Bu sektör size kapalı." };
    server.say({ type: "error", error });
    await page.getByRole("status").filter({ hasText: "Bu sektör size kapalı." }).waitFor();
    await state("listening");
  });

  it.each([true, false])("says that who listens knows synthetic speech alone where it does: %s", async (isSo) => {
    server.session = sessionThat({ syntheticOnly: isSo });
    await begin();
    expect(await page.getByText("yalnızca sentetik sesle eğitildi").isVisible()).toBe(isSo);
  });

  it("tells errors in Turkish and goes on", async () => {
    await begin();
    const error = { type: "server_error", code: "x", message: "Gone.", x_message_tr: "Şu anda olmuyor." };
    server.say({ type: "error", error });
    await page.getByRole("status").filter({ hasText: "Şu anda olmuyor." }).waitFor();
    await state("listening");
  });

  it("tells that the connection is gone, and can be begun anew", async () => {
    await begin();
    await server.socket?.close({ code: 1001, reason: "" });
    await page.getByRole("status").filter({ hasText: "Bağlantı kapandı (1001)." }).waitFor();
    await state("off");
    server.heard.length = 0;
    await begin();
  });

  it("names every control for screen readers, and shows English when asked", async () => {
    await page.goto(`${url}/voice`);
    const nameless = await page.evaluate<string[]>(`[...document.querySelectorAll("button, input, select, a")]
      .filter((node) => !(node.labels?.length || node.getAttribute("aria-label") || node.textContent.trim()))
      .map((node) => node.outerHTML)`);
    expect(nameless).toEqual([]);
    await page.getByRole("button", { name: "Switch to English" }).click();
    await page.getByRole("button", { name: "Start talking" }).waitFor();
    expect(await page.locator("#state").textContent()).toBe("Off");
  });

  it.each([320, 1000])("never scrolls sideways on a screen of %i px", async (width) => {
    await page.setViewportSize({ width, height: 640 });
    await begin({ byHand: true });
    expect(
      await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
    ).toBe(0);
  });
});

it("says so when the microphone is refused, and opens no socket", async () => {
  await opened.close();
  // Without the permission, and nobody there to give it.
  opened = await openPage(browser);
  page = opened.page;
  await server.attach(page);
  await page.goto(`${url}/voice`);
  await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
  await page.getByRole("status").filter({ hasText: "Mikrofona izin verilmedi." }).waitFor();
  expect(server.socket).toBeUndefined();
});

it("asks for a key where one is wanted, and hands it over as a subprotocol", async () => {
  const apiKeys = createApiKeys({
    store: createMemoryApiKeyStore(),
    environmentSha256: [createHash("sha256").update("dogru-anahtar").digest("hex")],
  });
  const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]), apiKeys };
  const { app } = await buildTestGateway(parts);
  try {
    await page.goto(`${await app.listen({ host: "127.0.0.1", port: 0 })}/voice`);
    await page.getByLabel("API anahtarı").fill("dogru-anahtar");
    await page.evaluate(`{
      const { WebSocket } = window;
      window.WebSocket = class extends WebSocket {
        constructor(address, protocols) { super(address, protocols); window.protocols = protocols; }
      };
    }`);
    await page.getByRole("button", { name: "Kullan" }).click();
    await page.getByLabel("API anahtarı").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
    await server.hears("session.update");
    expect(await page.evaluate("window.protocols")).toEqual(["realtime", "openai-insecure-api-key.dogru-anahtar"]);
  } finally {
    await app.close();
  }
});
