import { createHmac } from "node:crypto";

/**
 * The `X-Sektor-Signature` of a call: `t=<unix seconds>,v1=<hex>`, where `v1` is HMAC-SHA256 with the secret over `<t>.<body>`. The time is
 * signed too, so that a receiver can refuse calls that were recorded and sent again.
 */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const at = Math.floor(nowMs / 1000);
  return `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;
}
