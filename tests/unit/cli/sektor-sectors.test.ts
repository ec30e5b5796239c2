import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sektor } from "./run-sektor.ts";

const added: { readonly url: string; readonly body: unknown }[] = [];
const app = Fastify();
let url: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sektor-cli-"));
  app.get("/v1/sectors", async () => ({ data: [{ id: "legal", name: { tr: "Hukuk" } }] }));
  app.post("/v1/sectors", async (request, reply) => {
    added.push({ url: request.url, body: request.body });
    const { id } = request.body as { id: string };
    if (id === "legal")
      return reply.code(409).send({ error: { message: "There is a sector.", code: "sector_exists" } });
    const waits = request.url.endsWith("?wait=true");
    const figures = { own: { messages: 6, recognised: 5 }, others: { messages: 1780, without: 1500, with: 1499 } };
    return reply.code(waits ? 201 : 202).send({
      id,
      status: waits ? "live" : "training",
      examples: 30,
      seconds: waits ? 12.5 : null,
      figures: waits ? figures : null,
    });
  });
  app.delete("/v1/sectors/:id", async (request, reply) => {
    const { id } = request.params as { id: string };
    if (id === "yok") return reply.code(404).send({ error: { message: "No such sector.", code: "sector_not_found" } });
    return { id, deleted: true };
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const vets = { id: "vets", name: { tr: "Veterinerlik" } };

describe("sektor sectors", () => {
  test("lists them", async () => {
    const { code, stdout } = await sektor(["sectors", "list"], { url });
    expect(stdout).toMatch(/^legal +Hukuk$/m);
    expect(code).toBe(0);
  });

  test("adds the one of a JSON file, waits until it is live, and says what it costs the others", async () => {
    const path = await file("vets.json", JSON.stringify({ ...vets, examples: ["bir", "iki"] }));
    const { code, stdout } = await sektor(["sectors", "add", path], { url });
    expect(stdout).toBe(
      "vets yayında: 30 örnek, 12,5 sn, ayrılan 6 örnekten 5 tanesi tanındı, öteki sektörlerin 1.780 iletisinden 1 tanesi kaydı.\n",
    );
    expect(added.at(-1)).toEqual({ url: "/v1/sectors?wait=true", body: { ...vets, examples: ["bir", "iki"] } });
    expect(code).toBe(0);
  });

  test("adds the one of a JSONL file: the sector first, then an example a line", async () => {
    const path = await file("vets.jsonl", `${JSON.stringify(vets)}\n"bir"\n{"text":"iki"}\n\n`);
    const { stdout } = await sektor(["sectors", "add", path, "--no-wait", "--force"], { url });
    expect(stdout).toBe("vets eğitiliyor; durumu: /v1/sectors/vets\n");
    expect(added.at(-1)).toEqual({
      url: "/v1/sectors",
      body: { ...vets, examples: ["bir", { text: "iki" }], force: true },
    });
  });

  test.each([
    ["yok.json", undefined, "okunamıyor (ENOENT)"],
    ["bozuk.json", "{", "geçerli JSON değil"],
    ["bozuk.jsonl", `${JSON.stringify(vets)}\nbir\n`, "bozuk.jsonl:2 geçerli JSON değil"],
    ["liste.json", "[]", "bir sektör içermiyor"],
  ])("refuses %s before anything is sent", async (name, content, reason) => {
    const before = added.length;
    const path = content === undefined ? join(folder, name) : await file(name, content);
    const { code, stderr } = await sektor(["sectors", "add", path], { url });
    expect(stderr).toContain(reason);
    expect([code, added.length]).toEqual([2, before]);
  });

  test("shows the server's refusal", async () => {
    const path = await file("legal.json", JSON.stringify({ ...vets, id: "legal", examples: [] }));
    const { code, stderr } = await sektor(["sectors", "add", path], { url });
    expect(stderr).toBe("Hata: There is a sector. (409 sector_exists)\n");
    expect(code).toBe(1);
  });

  test("removes one", async () => {
    expect(await sektor(["sectors", "remove", "vets"], { url })).toMatchObject({ code: 0, stdout: "vets silindi.\n" });
    expect(await sektor(["sectors", "remove", "yok"], { url })).toMatchObject({ code: 1 });
  });

  test("helps in Turkish", async () => {
    const { stdout } = await sektor(["sectors", "add", "--help"]);
    expect(stdout).toContain("Kullanım:");
    expect(stdout).toContain("eğitimin bitmesini bekleme");
  });
});
