import type { IncomingMessage } from "node:http";

const prefix = "openai-insecure-api-key.";

/**
 * Browsers cannot set headers on a WebSocket, so their key comes among the subprotocols. It becomes what it would have been elsewhere, a
 * bearer token, and nothing after this sees it as a subprotocol: nothing can log it or answer with it.
 */
export function takeSubprotocolKey({ headers, rawHeaders }: IncomingMessage): void {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const key = offered.find((name) => name.startsWith(prefix));
  if (key === undefined) return;
  headers.authorization ??= `Bearer ${key.slice(prefix.length)}`;
  const others = offered.filter((name) => !name.startsWith(prefix)).join(", ");
  if (others === "") delete headers["sec-websocket-protocol"];
  else headers["sec-websocket-protocol"] = others;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === "sec-websocket-protocol") rawHeaders[i + 1] = others;
  }
}
