import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type SecureVersion } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askHttps } from "../support/ask-https.ts";
import { TestNginx } from "../support/nginx.ts";
import { type ScriptedUpstream, startUpstream } from "../support/scripted-upstream.ts";

let upstream: ScriptedUpstream;
let nginx: TestNginx;
beforeAll(async () => {
  upstream = await startUpstream((_request, response) => {
    response.setHeader("strict-transport-security", "max-age=1");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ text: "ağ ".repeat(2000) }));
  });
  nginx = await TestNginx.start({ gateways: [upstream.address] });
});
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

/** The version that is agreed on, or the code of what went wrong. */
async function handshake(version: SecureVersion, port = nginx.httpsPort): Promise<string> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    ca: nginx.ca,
    minVersion: version,
    maxVersion: version,
    // So that it is the server who refuses an old version, not this client.
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  try {
    await once(socket, "secureConnect");
    return socket.getProtocol() ?? "none";
  } catch (failure) {
    return String((failure as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

describe("TLS", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("is spoken as %s", async (version) => {
    expect(await handshake(version)).toBe(version);
  });

  it.each(["TLSv1", "TLSv1.1"] as const)("is refused as %s, by the server's own alert", async (version) => {
    expect(await handshake(version)).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });

  it("is refused to clients that know weak ciphers only", async () => {
    const weak = connectTls({
      host: "127.0.0.1",
      port: nginx.httpsPort,
      ca: nginx.ca,
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE-ECDSA-AES128-SHA",
    });
    await expect(once(weak, "secureConnect")).rejects.toMatchObject({ code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" });
  });
});

describe("HTTP/2", () => {
  it("is spoken to clients that know it", async () => {
    const session = connectHttp2(nginx.url, { ca: nginx.ca });
    try {
      const stream = session.request({ ":path": "/v1/models" });
      const [headers] = await once(stream, "response");
      expect(session.alpnProtocol).toBe("h2");
      expect(headers[":status"]).toBe(200);
      // A gateway knows the name that was asked for, for its own checks of origins.
      expect(upstream.requests.at(-1)?.headers.host).toBe(nginx.url.replace("https://", ""));
    } finally {
      session.destroy();
    }
  });
});

describe("replies", () => {
  it("tell browsers once to stay with HTTPS, in nginx' words", async () => {
    const { headers } = await askHttps(nginx.url, "/", { ca: nginx.ca });
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("tell it with errors of nginx too", async () => {
    const { status, headers } = await askHttps(nginx.url, "/..%2f", { ca: nginx.ca });
    expect(status).toBe(400);
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("are compressed for those who take it", async () => {
    const { headers } = await askHttps(nginx.url, "/", { ca: nginx.ca, headers: { "accept-encoding": "gzip" } });
    expect(headers["content-encoding"]).toBe("gzip");
  });

  it("do not tell which nginx made them", async () => {
    const { headers } = await askHttps(nginx.url, "/", { ca: nginx.ca });
    expect(headers["server"]).toBe("nginx");
  });
});

describe("plain HTTP", () => {
  it("is sent on to HTTPS with method and path", async () => {
    const { status, headers } = await askHttps(nginx.httpUrl, "/api/v1/chat?x=1", { method: "POST", body: "{}" });
    expect(status).toBe(308);
    expect(headers.location).toBe(`${nginx.url}/api/v1/chat?x=1`);
  });

  it("answers a certificate's issuer, where it is told where the answer lies", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-acme-"));
    try {
      chmodSync(folder, 0o755);
      mkdirSync(join(folder, ".well-known/acme-challenge"), { recursive: true });
      writeFileSync(join(folder, ".well-known/acme-challenge/token"), "cevap");
      await using renewing = await TestNginx.start({ gateways: [upstream.address], acmeFolder: folder });
      const challenge = "/.well-known/acme-challenge/token";
      expect(await askHttps(renewing.httpUrl, challenge)).toMatchObject({ status: 200, text: "cevap" });
      expect((await askHttps(nginx.httpUrl, challenge)).status).toBe(308);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("on the port of HTTPS is answered with a problem", async () => {
    const { status, headers, text } = await askHttps(nginx.url.replace("https:", "http:"), "/");
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(text)).toMatchObject({ status: 400, code: "malformed_request" });
  });
});

describe("other names", () => {
  it("are refused before a certificate is shown, or as soon as they turn up", async () => {
    await using named = await TestNginx.start({ gateways: [upstream.address], serverNames: ["sektor.example.com"] });
    const known = { host: "127.0.0.1", port: named.httpsPort, rejectUnauthorized: false };
    const stranger = connectTls({ ...known, servername: "other.example.com" });
    await expect(once(stranger, "secureConnect")).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_UNRECOGNIZED_NAME" });

    const liar = connectTls({ ...known, servername: "sektor.example.com" });
    await once(liar, "secureConnect");
    liar.end("GET /v1/models HTTP/1.1\r\nHost: other.example.com\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const piece of liar) text += piece;
    expect(text).toMatch(/^HTTP\/1\.1 421 /);
    expect(text).toContain('"code":"unknown_host"');
  });
});

describe("nginx' own counters", () => {
  it("are there for its exporter, on loopback", async () => {
    const { status, text } = await askHttps(nginx.statusUrl, "/nginx-status");
    expect(status).toBe(200);
    expect(text).toContain("Active connections:");
  });
});
