import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import type { FeedbackStore } from "../../services/feedback/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import type { Database } from "../../services/storage/index.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";
import { launchBrowser, type OpenedPage, openPage, type PageOptions } from "../support/browser.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-form-"));
let database: Database;
let feedback: FeedbackStore;
let gateway: Awaited<ReturnType<typeof buildTestGateway>>["app"];
let url: string;
let browser: Browser;
let opened: OpenedPage | undefined;
beforeAll(async () => {
  [database, browser] = await Promise.all([openPgliteDatabase({ folder: join(folder, "data") }), launchBrowser()]);
  let ids = 0;
  const newId = () => `f${++ids}`;
  feedback = createDatabaseFeedbackStore(database, { examplesFolder: join(folder, "examples"), newId });
  const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]), feedback };
  ({ app: gateway } = await buildTestGateway(parts));
  url = await gateway.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
afterAll(async () => {
  await Promise.all([browser?.close(), gateway?.close()]);
  await database?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function visit(options: PageOptions, query = "") {
  opened = await openPage(browser, options);
  await opened.page.goto(`${url}/feedback${query}`);
  return opened.page;
}

it.each([false, true])("takes a visitor's feedback about one reply (scripts: %j)", async (scripts) => {
  const page = await visit({ scripts }, `?message_id=m-${scripts}&session_id=s&sector=energy`);
  expect(await page.getByLabel("Konu hangi sektördü?").inputValue()).toBe("energy");
  await page.getByLabel("2 – kötü").check();
  await page.getByLabel("Yanlış sektöre gitti", { exact: true }).check();
  await page.getByLabel("Yanlış sektöre gittiyse doğrusu hangisiydi?").selectOption("legal");
  await page.getByLabel("Görüşünüz").fill("İğne, çığ, ŞÜPHE.\nİkinci satır 👋");
  await page.getByRole("button", { name: "Gönder" }).click();
  await page.getByRole("heading", { name: "Teşekkürler" }).waitFor();
  expect((await feedback.list({}, { limit: 1 })).items).toMatchObject([
    {
      messageId: `m-${scripts}`,
      sessionId: "s",
      sector: "energy",
      rating: 2,
      comment: "İğne, çığ, ŞÜPHE.\r\nİkinci satır 👋",
      issues: [{ category: "wrong_sector" }],
      expectedSector: "legal",
      trainingOptOut: false,
    },
  ]);
  expect(opened?.errors).toEqual([]);
});

it("is filled in with the keyboard alone", async () => {
  const page = await visit({ scripts: false });
  await page.getByLabel("1 – çok kötü").focus();
  for (let n = 0; n < 4; n++) await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Gönder" }).focus();
  await page.keyboard.press("Enter");
  expect(await page.getByRole("status").textContent()).toBe("Geri bildiriminiz kaydedildi.");
  expect((await feedback.list({}, { limit: 1 })).items[0]).toMatchObject({ rating: 5, messageId: null });
});

it("is not sent without a rating", async () => {
  const page = await visit({ scripts: false });
  const before = (await feedback.list({}, { limit: 500 })).items.length;
  await page.getByLabel("Görüşünüz").fill("puansız");
  await page.getByRole("button", { name: "Gönder" }).click();
  expect(await page.getByLabel("Görüşünüz").inputValue()).toBe("puansız");
  expect((await feedback.list({}, { limit: 500 })).items).toHaveLength(before);
});

it.each(["light", "dark"] as const)("fits a narrow telephone, with every field named (%s)", async (colorScheme) => {
  const page = await visit({ width: 320, colorScheme });
  expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
  const nameless = await page.evaluate(
    `[...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((field) => field.labels.length === 0).length`,
  );
  expect(nameless).toBe(0);
  const style = await page.evaluate("getComputedStyle(document.body).backgroundColor");
  expect(style).toBe(colorScheme === "light" ? "rgb(246, 247, 246)" : "rgb(17, 23, 22)");
  expect(opened?.errors).toEqual([]);
});
