import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sektor } from "./run-sektor.ts";

const app = Fastify();
const asked: { url: string; accept: string | undefined; authorization: string | undefined }[] = [];
let url: string;
beforeAll(async () => {
  app.get<{ Querystring: { format: string } }>("/v1/feedback/report", async (request, reply) => {
    const { accept, authorization } = request.headers;
    asked.push({ url: request.url, accept, authorization });
    if (request.url.includes("since=yok")) {
      return reply.code(400).send({ error: { message: "since: böyle bir zaman yok", code: "invalid_request" } });
    }
    const texts: Record<string, string> = {
      markdown: "# Rapor\u001b[2J\n\nİyi.\n",
      csv: "part,name\r\ntotal,\r\n",
      json: "{}",
    };
    return reply.type("text/plain").send(texts[request.query.format]);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

test("writes the report as Markdown, without what could steer a terminal", async () => {
  const { code, stdout } = await sektor(["feedback-report"], { url, env: { SEKTOR_API_KEY: "gizli" } });
  expect([code, stdout]).toEqual([0, "# Rapor[2J\n\nİyi.\n"]);
  expect(asked.at(-1)).toEqual({
    url: "/v1/feedback/report?format=markdown",
    accept: "text/markdown",
    authorization: "Bearer gizli",
  });
});

test("hands on what narrows the report, and writes CSV as it came", async () => {
  const args = [
    "feedback-report",
    "--format",
    "csv",
    "--since",
    "2026-01-01",
    "--until",
    "2026-02-01",
    "--sector",
    "legal",
  ];
  const { code, stdout } = await sektor(args, { url });
  expect([code, stdout]).toEqual([0, "part,name\r\ntotal,\n"]);
  expect(asked.at(-1)?.url).toBe("/v1/feedback/report?format=csv&since=2026-01-01&until=2026-02-01&sector=legal");
});

test("says what the server refused, and which formats there are", async () => {
  expect(await sektor(["feedback-report", "--since", "yok"], { url })).toMatchObject({
    code: 1,
    stderr: "Hata: since: böyle bir zaman yok (400 invalid_request)\n",
  });
  const { code, stderr } = await sektor(["feedback-report", "--format", "pdf"], { url });
  expect(code).toBe(2);
  expect(stderr).toContain("Seçenekler: markdown, json, csv.");
});
