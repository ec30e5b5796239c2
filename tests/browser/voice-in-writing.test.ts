import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recognizerSampleRate, writeWav } from "../../services/speech/index.ts";
import { fakeMicrophone, launchBrowser, openPage } from "../support/browser.ts";
import { recordedQuestion } from "../support/recording.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";
import { int16, joined, silence } from "../support/speech.ts";

let serve: ServeProcess;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
  const wav = join(folder, "microphone.wav");
  // The silence is the time in which the page opens its session.
  writeFileSync(wav, writeWav(int16(joined(silence(6000), recordedQuestion(), silence(3000))), recognizerSampleRate));
  serve = await startServe({
    environment: { SEKTOR_SYNTHESIZER: "off", SEKTOR_TEMPERATURE: "0", SEKTOR_THREADS: "1" },
  });
  browser = await launchBrowser(fakeMicrophone(wav));
});
afterAll(async () => {
  await Promise.all([browser?.close(), serve?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

it("understands by ear and answers in writing where the platform has no voice", async () => {
  const { page, errors, close } = await openPage(browser, { permissions: ["microphone"] });
  await page.goto(`${serve.url}/voice`);
  await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();
  await page.locator(".presence[data-state=listening]").waitFor();
  await page.getByRole("status").filter({ hasText: "Konuşma sentezi şu anda kullanılamıyor." }).waitFor();
  await page.locator(".message.user:not(.streaming)").first().waitFor();
  const answer = page.locator(".message.assistant:not(.streaming)").first();
  await answer.waitFor();
  expect(await answer.locator(".text").textContent()).toMatch(/\p{L}{3}/u);
  await answer.locator(".sector").waitFor();
  expect(errors).toEqual([]);
  await close();
}, 240_000);
