import { type Browser, chromium, type Page } from "playwright-core";

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
  /** Default true. */
  readonly scripts?: boolean;
  /** What the visitor would have allowed. */
  readonly permissions?: readonly string[];
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

/** Flags for a microphone that plays a WAV file once, from the moment a page opens it, and a loudspeaker that waits for no click. */
export function fakeMicrophone(wav: string): readonly string[] {
  return [
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${wav}%noloop`,
    "--autoplay-policy=no-user-gesture-required",
  ];
}

/**
 * Debian's Chromium, headless, with an empty profile of its own; SEKTOR_CHROMIUM names another.
 * @param flags beside the quiet ones
 */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["SEKTOR_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: [...quiet, ...flags],
    timeout: 120_000,
  });
}

/** A page of a visitor who was never here before. */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({
    locale: "tr-TR",
    viewport: { width: options.width ?? 1000, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? "light",
    javaScriptEnabled: options.scripts ?? true,
    permissions: [...(options.permissions ?? [])],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return { page, errors, close: () => context.close() };
}
