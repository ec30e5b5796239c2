import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callRealtime, callSampleRate } from "../../scripts/voice/realtime-caller.ts";
import { quiet, spokenText } from "../../scripts/voice/speech.ts";
import { writeWav } from "../../services/speech/index.ts";
import { fakeMicrophone, launchBrowser, openPage } from "../support/browser.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

type Event = Readonly<Record<string, unknown>> & { readonly type: string; readonly response?: { readonly id: string } };

let serve: ServeProcess;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
  serve = await startServe({ environment: { SEKTOR_TEMPERATURE: "0", SEKTOR_THREADS: "1" } });
  const wav = join(folder, "microphone.wav");
  writeFileSync(wav, writeWav(await conversation(), callSampleRate));
  // Whatever loads on first use is loaded by somebody else: the microphone's file waits for nobody.
  await (await callRealtime({ url: serve.url }))[Symbol.asyncDispose]();
  browser = await launchBrowser(fakeMicrophone(wav));
});
afterAll(async () => {
  await Promise.all([browser?.close(), serve?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A question, then the same few words again and again: however long the model takes, one of them falls into a reply. A long silence
 * comes first, in which the page opens.
 */
async function conversation(): Promise<Int16Array> {
  const question = await spokenText("kredi kartı borcumu yapılandırmak istiyorum", serve);
  const interruption = await spokenText("dur bir dakika", serve);
  const parts = [quiet(10_000), question, ...Array.from({ length: 12 }, () => [quiet(2600), interruption]).flat()];
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

it("holds a conversation by voice: is understood, answers aloud, stops when it is interrupted, and answers again", async () => {
  const { page, errors, close } = await openPage(browser, { permissions: ["microphone"] });
  const received: Event[] = [];
  const sent: Event[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => received.push(JSON.parse(String(payload)) as Event));
    socket.on("framesent", ({ payload }) => sent.push(JSON.parse(String(payload)) as Event));
  });
  await page.goto(`${serve.url}/voice`);
  await page.getByRole("button", { name: "Görüşmeyi başlat" }).click();

  const firstWords = page.locator(".message.user:not(.streaming)").first();
  await firstWords.waitFor();
  expect(await firstWords.locator(".text").textContent()).toMatch(/kredi|kart|borc/);
  const firstReply = page.locator(".message.assistant").first();
  await firstReply.locator(".sector").getByText("Finans ve Bankacılık").waitFor();
  await page.locator(".presence[data-state=speaking]").waitFor();

  const cut = page.locator(".message.assistant").filter({ hasText: "Sözü kesildi" }).first();
  await cut.waitFor();
  const ends = received.filter(({ type }) => type === "response.done");
  const cancelled = ends.find(({ response }) => JSON.stringify(response).includes("turn_detected"));
  expect(cancelled).toBeDefined();
  expect(sent.map(({ type }) => type)).toContain("conversation.item.truncate");

  // After the interruption another reply is made and heard.
  const at = received.indexOf(cancelled as Event);
  const laterSound = () => received.slice(at).filter((event) => event.type === "response.output_audio.delta").length;
  await expect.poll(laterSound, { timeout: 60_000 }).toBeGreaterThan(0);
  expect(
    received
      .slice(at)
      .filter((event) => event.type === "response.output_audio.delta")
      .map((event) => event["response_id"]),
  ).not.toContain(cancelled?.response?.id);
  expect(await page.locator(".message.user").count()).toBeGreaterThan(1);

  expect(received.filter(({ type }) => type === "error")).toEqual([]);
  await page.getByRole("button", { name: "Görüşmeyi bitir" }).click();
  await page.locator(".presence[data-state=off]").waitFor();
  expect(errors).toEqual([]);
  await close();
}, 240_000);
