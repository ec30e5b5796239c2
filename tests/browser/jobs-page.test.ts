import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../services/access/memory-api-key-store.ts";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import { createDatabaseJobOutputs } from "../../services/jobs/database-job-outputs.ts";
import type { Jobs } from "../../services/jobs/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import type { NotifyingDatabase } from "../../services/storage/index.ts";
import { launchBrowser, type OpenedPage, openPage } from "../support/browser.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { jobsOver, openTestDatabase, openTestQueues, startTestWorkers } from "../support/jobs.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

const patienceMs = 60_000;
let database: NotifyingDatabase;
let backend: QueueBackend;
let jobs: Jobs;
let gateway: Awaited<ReturnType<typeof buildTestGateway>>["app"];
let url: string;
let key: string;
let browser: Browser;
let workers: AsyncDisposable;
let opened: OpenedPage | undefined;
let isUp = false;
beforeAll(async () => {
  [database, browser] = await Promise.all([openTestDatabase(), launchBrowser()]);
  backend = await openTestQueues(database);
  jobs = jobsOver(backend);
  workers = startTestWorkers(backend, {
    webhook: {
      run: async () => {
        if (!isUp) throw new Error("down");
        return { status: 200 };
      },
    },
    evaluation: { run: async () => ({ summary: { router: { accuracy: 0.9 } } }) },
  });
  const apiKeys = createApiKeys({ store: createMemoryApiKeyStore() });
  const wanted = { name: "yönetici", scopes: ["admin"] as const, sectors: null, userId: null, expiresAt: null };
  key = (await apiKeys.create(wanted)).text;
  const parts = { sectors: sectorsWith(), router: wordRouter(), knowledge: createMemoryKnowledge([]) };
  const jobOutputs = createDatabaseJobOutputs(database);
  ({ app: gateway } = await buildTestGateway({ ...parts, apiKeys, jobs, jobOutputs }));
  url = await gateway.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
afterAll(async () => {
  await Promise.all([browser?.close(), gateway?.close()]);
  await workers?.[Symbol.asyncDispose]();
  await backend?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

async function visit(withKey = key) {
  opened = await openPage(browser);
  const { page } = opened;
  await page.goto(`${url}/jobs`);
  await page.getByLabel("Yönetici anahtarı").fill(withKey);
  await page.getByRole("button", { name: "Kullan" }).click();
  return page;
}

it("asks for a key, says when it is not the right one, and takes the next", async () => {
  const page = await visit("sk-sektor-nobody");
  await page.getByRole("status").filter({ hasText: "Geçerli bir anahtar gerekiyor" }).waitFor();
  await page.getByLabel("Yönetici anahtarı").fill(key);
  await page.getByRole("button", { name: "Kullan" }).click();
  await page.getByRole("status").filter({ hasText: "kabul edildi" }).waitFor();
  expect(await page.getByLabel("Yönetici anahtarı").isVisible()).toBe(false);
});

it("gives a dead letter another chance", async () => {
  isUp = false;
  const id = await jobs.add("webhook", { jobId: "serverless-run.a", url: "https://example.org/" }, { attempts: 1 });
  expect((await jobs.waitFor(id, patienceMs))?.state).toBe("failed");
  const page = await visit();
  const row = page.getByRole("row").filter({ hasText: id });
  expect(await row.textContent()).toContain("başarısız");
  expect(await row.textContent()).toContain("internal");
  isUp = true;
  await row.getByRole("button", { name: `Yeniden dene: Web kancası ${id}` }).click();
  await page.getByRole("status").filter({ hasText: "yeniden sıraya alındı" }).waitFor();
  expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
  await page.getByLabel("Durum").selectOption("completed");
  await row.filter({ hasText: "bitti" }).waitFor();
  // The page asks before it has a key, to learn whether one is wanted.
  expect(opened?.errors.filter((error) => !error.includes("401"))).toEqual([]);
});

it("starts an evaluation, and hands its figures out", async () => {
  const page = await visit();
  await page.getByRole("button", { name: "Yönlendirici değerlendirmesi başlat" }).click();
  await page.getByRole("status").filter({ hasText: "sıraya alındı" }).waitFor();
  const id = await vi.waitFor(async () => {
    const [evaluation] = (await jobs.list({ name: "evaluation", group: "completed" })).jobs;
    expect(evaluation).toBeDefined();
    return evaluation?.id;
  }, patienceMs);
  await page.getByLabel("Durum").selectOption("completed");
  await page.getByLabel("İş", { exact: true }).selectOption("evaluation");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `İndir: Yönlendirici değerlendirmesi ${id}` }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("degerlendirme.json");
  expect(JSON.parse(readFileSync(await download.path(), "utf8"))).toEqual({ router: { accuracy: 0.9 } });
});

it("cancels what waits, with the keyboard alone", async () => {
  const id = await jobs.add("batch", { batchId: "b" });
  const page = await visit();
  await page.getByLabel("Durum").selectOption("waiting");
  const button = page.getByRole("button", { name: `İptal et: Toplu iş ${id}` });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "iptali istendi" }).waitFor();
  await page.getByText("Burada iş yok.").waitFor();
  expect((await jobs.get(id))?.state).toBe("cancelled");
});
