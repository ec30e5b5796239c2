import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, type OpenedPage, openPage, type PageOptions } from "../support/browser.ts";
import { json } from "../support/json.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

const question = "Kredi kartı borcumu yapılandırmak istiyorum.";

/** The likeliest token always, so that two runs say the same; one thread, so that the browser has the other core. */
const greedy = { SEKTOR_TEMPERATURE: "0", SEKTOR_THREADS: "1" };

let serve: ServeProcess;
let browser: Browser;
beforeAll(async () => {
  [serve, browser] = await Promise.all([startServe({ environment: greedy }), launchBrowser()]);
});
afterAll(async () => {
  await Promise.all([serve?.stop(), browser?.close()]);
});

let opened: OpenedPage | undefined;
let page: Page;

async function visit(options: PageOptions = {}, url = serve.url): Promise<void> {
  opened = await openPage(browser, options);
  page = opened.page;
  await page.goto(`${url}/`);
  await page.locator("#server-state[data-state=ready]").waitFor();
}

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function ask(message: string): Promise<void> {
  await page.getByLabel("İletiniz").fill(message);
  await page.getByRole("button", { name: "Gönder" }).click();
}

const lastReply = () => page.locator(".message.assistant").last();

/** Waits until the last reply is complete; answers its text. */
async function replyText(): Promise<string> {
  await lastReply().locator(".speed").waitFor();
  return (await lastReply().locator(".text").textContent()) ?? "";
}

const widthBeyondWindow = () =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

describe("the start page", () => {
  beforeEach(() => visit());

  it("says that the model is ready and offers the 22 sectors by their Turkish names, beside the automatic choice", async () => {
    await page.locator("#sector option").nth(22).waitFor({ state: "attached" });
    const names = await page.locator("#sector option").allInnerTexts();
    expect(names).toHaveLength(23);
    expect(names[0]).toBe("Otomatik");
    expect(names).toEqual(expect.arrayContaining(["Finans ve Bankacılık", "Enerji Dağıtımı", "Ar-Ge"]));
    expect(await page.locator("#server-state").textContent()).toMatch(/^Hazır: .+, \d+ adaptör$/);
    expect(opened?.errors).toEqual([]);
  });

  it("shows a Turkish answer as it comes, with sector, confidence, adapter, who decided, speed and alternatives", async () => {
    await page.evaluate(`{
      window.lengths = new Set();
      new MutationObserver(() => {
        const text = document.querySelector(".message.assistant .text");
        if (text !== null) window.lengths.add(text.textContent.length);
      }).observe(document.querySelector("#messages"), { childList: true, subtree: true, characterData: true });
    }`);
    await page.getByRole("button", { name: question }).click();
    const text = await replyText();
    expect(text.length).toBeGreaterThan(10);
    expect(text).toMatch(/\p{L}{3}/u);
    // Empty at first, then with words: a quoted answer comes in few pieces, often in one.
    expect(await page.evaluate<number>("window.lengths.size")).toBeGreaterThan(1);

    const facts = lastReply().locator(".facts");
    expect(await facts.locator(".sector").textContent()).toBe("Finans ve Bankacılık");
    expect(await facts.locator(".confidence").textContent()).toMatch(/^güven %[\d,]+$/);
    expect(await facts.locator(".adapter").textContent()).toMatch(/^adaptör finance_banking@\S+$/);
    expect(await facts.locator(".routed-by").textContent()).toBe("sektörü yönlendirici seçti");
    expect(await facts.locator(".speed").textContent()).toMatch(/^[\d.,]+ belirteç\/sn$/);
    const judge = await facts.getByRole("link", { name: "Bu yanıtı değerlendir" }).getAttribute("href");
    expect(judge).toMatch(/^feedback\?message_id=[\w-]+&session_id=[\w-]+&sector=finance_banking$/);
    await facts.getByText("Öteki olasılıklar").click();
    expect(await facts.getByRole("listitem").count()).toBe(3);
    expect(opened?.errors).toEqual([]);
  });

  it("lists the documents that stood in the prompt, with what they rest on, and marks those the reply does not cite", async () => {
    await ask("Tüketici kredisinden kaç gün içinde cayabilirim?");
    const text = await replyText();
    const [first, ...others] = await lastReply().locator(".sources li").allInnerTexts();
    expect(first).toBe(
      "Tüketici kredisinden cayma — 6502 sayılı Tüketicinin Korunması Hakkında Kanun, m. 24" +
        (text.includes("[1]") ? "" : " (yanıtta anılmadı)"),
    );
    expect(others.length).toBeLessThan(2);
    expect(opened?.errors).toEqual([]);
  });

  it("takes the sector that was chosen by hand", async () => {
    await page.getByLabel("Sektör", { exact: true }).selectOption({ label: "Hukuk" });
    await ask("Nasıl başvurabilirim?");
    await replyText();
    expect(await lastReply().locator(".sector").textContent()).toBe("Hukuk");
    expect(await lastReply().locator(".routed-by").textContent()).toBe("sektörü siz seçtiniz");
  });

  it("stops a reply, frees its place in the engine, and answers the next question", async () => {
    await page.evaluate(`new MutationObserver((_changes, observer) => {
      if (document.querySelector(".message.assistant .text")?.textContent === "") return;
      observer.disconnect();
      document.querySelector("#stop").click();
    }).observe(document.querySelector("#messages"), { childList: true, subtree: true, characterData: true })`);
    await ask(question);
    await page.getByText("Durduruldu; bu yanıt konuşmaya eklenmedi.").first().waitFor();
    expect(await page.getByRole("button", { name: "Durdur" }).isVisible()).toBe(false);
    await expect
      .poll(async () => (await json(fetch(`${serve.url}/health`))).capacity.active, { timeout: 10_000 })
      .toBe(0);
    await ask("Mahallemizde elektrik kesildi, ne zaman gelir?");
    expect((await replyText()).length).toBeGreaterThan(20);
    expect(opened?.errors).toEqual([]);
  });

  it("keeps the conversation over a reload and begins a new one when asked", async () => {
    await ask(question);
    const text = await replyText();
    const session = await page.evaluate<string>("sessionStorage.getItem('sektor.session')");
    expect(session).toMatch(/^[\w-]{10,}$/);

    await page.reload();
    await lastReply().locator(".facts").waitFor();
    expect(await lastReply().locator(".text").textContent()).toBe(text);
    const next = page.waitForRequest("**/api/v1/chat");
    await ask("Peki ne kadar sürer?");
    expect((await next).postDataJSON()).toMatchObject({ session_id: session, stream: true });
    await replyText();

    await page.getByRole("button", { name: "Yeni konuşma" }).click();
    expect(await page.locator(".message").count()).toBe(0);
    expect(await page.getByRole("heading", { name: "Ne sormak istersiniz?" }).isVisible()).toBe(true);
    const fresh = page.waitForRequest("**/api/v1/chat");
    await ask("Merhaba, kredi başvurusu yapacağım.");
    expect((await fresh).postDataJSON()).not.toHaveProperty("session_id");
    await replyText();
    expect(opened?.errors).toEqual([]);
  });

  it("can be used with the keyboard alone: skip link, Enter sends, Shift+Enter does not, Escape stops", async () => {
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Birinci satır");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("ikinci satır");
    expect(await page.getByLabel("İletiniz").inputValue()).toBe("Birinci satır\nikinci satır");
    expect(await page.locator(".message").count()).toBe(0);
    await page.keyboard.press("Enter");
    await page.locator(".message.user").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".message.streaming").waitFor({ state: "detached" });
  });

  it("names every control and link for screen readers, and tells a reply once it is complete", async () => {
    const nameless = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll("button, input, select, textarea, a, meter")]
      .filter((node) => !(node.labels?.length || node.getAttribute("aria-label") || node.textContent.trim()))
      .map((node) => node.outerHTML)`);
    expect(nameless).toEqual([]);
    await ask(question);
    const text = await replyText();
    expect(await page.getByRole("status").textContent()).toBe(text);
  });

  it("speaks English when asked, and remembers it", async () => {
    await page.getByRole("button", { name: "Switch to English" }).click();
    await page.reload();
    expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(true);
    expect(await page.getByLabel("Sector", { exact: true }).locator("option").allInnerTexts()).toContain("Legal");
  });

  it.each([
    ["Sesli görüşme", 200],
    ["API belgeleri", 200],
    ["OpenAPI", 200],
    ["Ölçümler", 200],
    ["Durum", 200],
  ])("links to a page that is there: %s", async (name, status) => {
    const address = await page.getByRole("link", { name }).evaluate((link) => (link as { href: string }).href);
    expect((await fetch(address)).status).toBe(status);
  });
});

describe("the start page, when the server says something unpleasant", () => {
  beforeEach(() => visit());

  const answerWith = (status: number, contentType: string, body: string, headers: Record<string, string> = {}) =>
    page.route("**/api/v1/chat", (route) => route.fulfill({ status, contentType, body, headers }));

  it("tells a typed error in its own words, and when to try again", async () => {
    const problem = { type: "/errors#x", title: "X", status: 429, code: "x", detail: "Çok fazla istek gönderildi." };
    await answerWith(429, "application/problem+json", JSON.stringify(problem), { "retry-after": "7" });
    await ask(question);
    expect(await lastReply().locator(".failure").textContent()).toBe(
      "Çok fazla istek gönderildi. 7 saniye sonra yeniden deneyin.",
    );
  });

  it("tells an error that ends a stream, and keeps what had come", async () => {
    const routing = { sector: null, confidence: 0.2, routed_by: "fallback", adapter: null, alternatives: [] };
    await answerWith(
      200,
      "text/event-stream",
      `event: routing\ndata: ${JSON.stringify(routing)}\n\nevent: delta\ndata: {"text":"Yarım"}\n\nevent: error\ndata: {"detail":"Model hizmeti kapandı."}\n\n`,
    );
    await ask(question);
    expect(await lastReply().locator(".failure").textContent()).toBe("Model hizmeti kapandı.");
    expect(await lastReply().locator(".text").textContent()).toBe("Yarım");
    expect(await lastReply().locator(".sector").textContent()).toBe("Sektör yok");
  });

  it("tells that a stream broke off, and that nobody answers", async () => {
    await answerWith(200, "text/event-stream", 'event: delta\ndata: {"text":"Yarım"}\n\n');
    await ask(question);
    expect(await lastReply().locator(".failure").textContent()).toBe("Yanıt yarıda kaldı; lütfen yeniden deneyin.");
    await page.unrouteAll();
    await page.route("**/api/v1/chat", (route) => route.abort("connectionrefused"));
    await ask(question);
    await page.getByText("Sunucuya ulaşılamadı.").first().waitFor();
  });

  it("shows markup from the model and from the user as text", async () => {
    const markup = '<img src="x" onerror="window.broken = true"><script>window.broken = true</script>';
    await answerWith(200, "text/event-stream", `event: delta\ndata: ${JSON.stringify({ text: markup })}\n\n`);
    await ask(markup);
    await lastReply().locator(".failure").waitFor();
    expect(await lastReply().locator(".text").textContent()).toBe(markup);
    expect(await page.locator(".message img, .message script").count()).toBe(0);
    expect(await page.evaluate<boolean>("'broken' in window")).toBe(false);
  });
});

describe.each([
  { width: 375, height: 667, colorScheme: "light" },
  { width: 375, height: 667, colorScheme: "dark" },
  { width: 320, height: 568, colorScheme: "light" },
] as const)("the start page on a $width px wide screen, $colorScheme", (screen) => {
  it("never scrolls sideways, before and after a long answer", async () => {
    await visit(screen);
    expect(await widthBeyondWindow()).toBe(0);
    await ask(`Kredi kartı borcumu yapılandırmak istiyorum ${"çokuzunbirsözcük".repeat(12)}`);
    await replyText();
    expect(await widthBeyondWindow()).toBe(0);
    await page.getByRole("button", { name: "Gönder" }).scrollIntoViewIfNeeded();
    expect(opened?.errors).toEqual([]);
  });

  it("keeps text readable against what lies behind it (contrast of at least 4.5)", async () => {
    await visit(screen);
    const colours = await page.evaluate<Record<string, string>>(
      `Object.fromEntries(["page", "surface", "text", "muted", "accent", "accent-text", "accent-soft", "failure", "failure-soft"]
        .map((name) => [name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim()]))`,
    );
    const pairs = [
      ["text", "page"],
      ["text", "surface"],
      ["text", "accent-soft"],
      ["muted", "page"],
      ["muted", "surface"],
      ["muted", "accent-soft"],
      ["accent", "surface"],
      ["accent-text", "accent"],
      ["failure", "failure-soft"],
      ["failure", "surface"],
    ] as const;
    const weak = pairs.filter(([front, back]) => contrast(colours[front] ?? "", colours[back] ?? "") < 4.5);
    expect(weak).toEqual([]);
  });
});

/** Contrast ratio of two `#rrggbb` colours, 1–21, as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe("the start page of a server that asks for a key", () => {
  let locked: ServeProcess;
  beforeAll(async () => {
    const key = createHash("sha256").update("dogru-anahtar").digest("hex");
    locked = await startServe({ environment: { ...greedy, SEKTOR_API_KEY_SHA256: key } });
  });
  afterAll(async () => {
    await locked?.stop();
  });

  it("asks for it, refuses a wrong one, and keeps the right one for this tab", async () => {
    await visit({}, locked.url);
    const field = page.getByLabel("API anahtarı");
    await field.fill("yanlis-anahtar");
    await page.getByRole("button", { name: "Kullan" }).click();
    await ask(question);
    await field.fill("dogru-anahtar");
    await page.getByRole("button", { name: "Kullan" }).click();
    await page.locator("#key-form").waitFor({ state: "hidden" });
    expect(await page.getByLabel("İletiniz").inputValue()).toBe(question);
    await page.getByRole("button", { name: "Gönder" }).click();
    expect((await replyText()).length).toBeGreaterThan(20);
    await page.reload();
    await page.locator("#sector option").nth(22).waitFor({ state: "attached" });
    expect(await field.isVisible()).toBe(false);
  });
});
