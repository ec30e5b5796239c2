import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

export interface OpenedPage {
  readonly page: Page;
  /** Console errors and uncaught exceptions so far; violations of the content security policy are among them. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Without these Chromium asks the outside world for things at every start. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page in a Chromium of its own, with a profile that goes with it. */
export async function openPage(options: PageOptions = {}): Promise<OpenedPage> {
  const profile = await mkdtemp(join(tmpdir(), "sektor-browser-"));
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env["SEKTOR_CHROMIUM"] ?? "/usr/bin/chromium",
      headless: true,
      args: quiet,
      locale: "tr-TR",
      viewport: { width: options.width ?? 1000, height: options.height ?? 800 },
      colorScheme: options.colorScheme ?? "light",
    });
  } catch (failure) {
    await rm(profile, { recursive: true, force: true });
    throw failure;
  }
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return {
    page,
    errors,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
