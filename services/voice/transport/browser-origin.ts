import { OriginRefusedError } from "./errors.ts";

/**
 * Browsers let any page open a WebSocket to anywhere and say only where the page is from, so the server has to look. Programs send no origin.
 * @param origin the header, such as `https://example.com`
 * @param host what the client called this server, with its port
 * @param allowed other origins, as the settings list them
 * @throws {OriginRefusedError}
 */
export function requireKnownOrigin(origin: string | undefined, host: string, allowed: readonly string[]): void {
  if (origin === undefined || allowed.includes(origin)) return;
  if (hostOf(origin) !== host.toLowerCase()) throw new OriginRefusedError();
}

/** Of an http origin, as a Host header has it: without the scheme's usual port. */
function hostOf(origin: string): string | undefined {
  try {
    const { protocol, host } = new URL(origin);
    return protocol === "http:" || protocol === "https:" ? host : undefined;
  } catch {
    return undefined;
  }
}
