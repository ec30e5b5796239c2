import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openChatClient } from "../../../scripts/eval/answers/chat-client.ts";
import { evaluateAnswers } from "../../../scripts/eval/answers/evaluate-answers.ts";

interface Asked {
  readonly message: string;
  readonly sector: string;
  readonly use_knowledge?: boolean;
  readonly temperature: number;
}

const never = new AbortController().signal;
const quiet = { start: () => {}, step: () => {}, stop: () => {} };
let running: Server | undefined;
afterEach(async () => {
  running?.closeAllConnections();
  await new Promise((resolve) => (running === undefined ? resolve(undefined) : running.close(resolve)));
  running = undefined;
});

/** A server whose openapi.json has these fields, and whose chat does as told. */
async function serve(fields: readonly string[], chat: (asked: Asked, response: ServerResponse) => void) {
  const schema = { properties: Object.fromEntries(fields.map((name) => [name, {}])) };
  const server = createServer(async (request: IncomingMessage, response) => {
    if (request.url === "/openapi.json") {
      response.end(JSON.stringify({ paths: { "/api/v1/chat": { post: { requestBody: schema } } } }));
      return;
    }
    let body = "";
    for await (const part of request) body += part;
    chat(JSON.parse(body) as Asked, response);
  });
  running = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function reply(response: ServerResponse, text: string, documents: readonly string[]): void {
  const end = {
    response: text,
    sources: documents.map((document) => ({ document })),
    usage: { completion_tokens: 7 },
    timings: { predicted_per_second: 50 },
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(
    `event: routing\ndata: {}\n\nevent: delta\ndata: {"text":"x"}\n\nevent: end\ndata: ${JSON.stringify(end)}\n\n`,
  );
}

const question = { message: "Süre nedir?", sector: "legal", useKnowledge: undefined };

describe("asking a chat server", () => {
  it("reads a streamed reply with its sources, tokens and pace", async () => {
    const client = await openChatClient(
      await serve([], (_, response) => reply(response, "Bir ay.", ["k1"])),
      undefined,
      never,
    );
    const answer = await client.ask(question, never);
    expect(answer).toMatchObject({ text: "Bir ay.", sources: [{ document: "k1" }], tokens: 7 });
    expect(answer.firstMs).toBeGreaterThan(0);
  });

  it("comes back when the server asks for patience", async () => {
    let refused = 0;
    const url = await serve([], (_, response) => {
      if (refused++ === 0) response.writeHead(429, { "retry-after": "0" }).end();
      else reply(response, "Bir ay.", []);
    });
    expect((await (await openChatClient(url, undefined, never)).ask(question, never)).text).toBe("Bir ay.");
  });

  it("says what the server refused, and when a stream breaks off", async () => {
    const refusing = await openChatClient(
      await serve([], (_, response) => response.writeHead(400).end("nein")),
      undefined,
      never,
    );
    await expect(refusing.ask(question, never)).rejects.toThrow("chat: 400: nein");
    running?.close();
    const breaking = await serve([], (_, response) => response.end('event: error\ndata: {"code":"internal"}\n\n'));
    await expect((await openChatClient(breaking, undefined, never)).ask(question, never)).rejects.toThrow(
      'the stream broke off: {"code":"internal"}',
    );
  });
});

describe("the evaluation of answers", () => {
  const input = {
    source: "two questions",
    questions: ["q1", "q2"].map((id) => ({
      id,
      sector: "legal",
      question: id,
      mustMention: [["bir ay"]],
      mustNot: ["üç ay"],
      documents: ["k1"],
    })),
    knowledgeFolder: "none",
    knowledge: [],
    key: undefined,
    models: "none",
    threads: undefined,
    transcripts: undefined,
  };
  const figureOf = (section: Awaited<ReturnType<typeof evaluateAnswers>>, id: string) =>
    section.figures.find((figure) => figure.id === id)?.value;

  it("asks every question with knowledge and without, and compares", async () => {
    const asked: Asked[] = [];
    const url = await serve(["use_knowledge"], (one, response) => {
      asked.push(one);
      if (one.use_knowledge === true) reply(response, "Süre bir aydır [1].", ["k1"]);
      else reply(response, "Süre üç aydır.", []);
    });
    const folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
    try {
      const transcripts = join(folder, "read", "answers.jsonl");
      const section = await evaluateAnswers({ ...input, url, transcripts }, quiet, never);
      expect(asked.map((one) => [one.message, one.sector, one.use_knowledge, one.temperature])).toEqual([
        ["q1", "legal", true, 0],
        ["q2", "legal", true, 0],
        ["q1", "legal", false, 0],
        ["q2", "legal", false, 0],
      ]);
      expect(figureOf(section, "facts")).toBe(1);
      expect(figureOf(section, "claims")).toBe(0);
      expect(figureOf(section, "found_cited")).toBe(1);
      expect(section.data["without"]).toMatchObject({ facts: 0, claims: 2, found: 0 });
      expect(JSON.parse(readFileSync(transcripts, "utf8").split("\n")[0] ?? "")).toMatchObject({
        id: "q1",
        with: { answer: "Süre bir aydır [1].", sources: ["k1"], facts: 1, of: 1, claims: 0 },
        without: { answer: "Süre üç aydır.", claims: 1 },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("asks a server that knows no such field without it, once", async () => {
    const asked: Asked[] = [];
    const url = await serve(["message"], (one, response) => {
      asked.push(one);
      reply(response, "Süre bir aydır.", []);
    });
    const section = await evaluateAnswers({ ...input, url }, quiet, never);
    expect(asked).toHaveLength(2);
    expect(asked.every((one) => !("use_knowledge" in one))).toBe(true);
    expect(section.data["without"]).toBeNull();
  });
});
