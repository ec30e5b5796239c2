import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { grpcClient, readAll } from "../support/grpc-gateway.ts";
import { serveRefuses, startServe } from "../support/serve-process.ts";

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return String(port);
}

it("serve answers over gRPC with the embedded model, counts it beside HTTP, and ends kindly", async () => {
  const port = await freePort();
  const serve = await startServe({ environment: { SEKTOR_GRPC_PORT: port } });
  const client = grpcClient(`127.0.0.1:${port}`);
  const health = grpcClient(`127.0.0.1:${port}`, "grpc.health.v1.Health");
  try {
    expect(await health.ask("Check", {})).toEqual({ status: "SERVING" });
    const question = { message: "Kira sözleşmemi nasıl feshederim?", max_tokens: 24 };
    const { messages, failure } = await readAll(client.stream("GenerateStream", question));
    expect(failure).toBeUndefined();
    const { sector, adapter } = messages[0].opening;
    expect(sector).not.toBe("");
    expect(adapter.name).toBe(sector);
    expect(messages.at(-1).end.response).not.toBe("");
    const { session_id } = messages.at(-1).end.opening;
    const session = (await (await fetch(`${serve.url}/v1/sessions/${session_id}`)).json()) as { messages: unknown[] };
    expect(session.messages).toHaveLength(2);
    const metrics = await (await fetch(`${serve.url}/metrics`)).text();
    expect(metrics).toContain(
      `turkish_ai_requests_total{sector="${sector}",endpoint="grpc/GenerateStream",method="POST"} 1`,
    );
  } finally {
    client.close();
    health.close();
    expect(await serve.stop()).toBe(0);
  }
});

it("serve does not listen for gRPC on an address reachable from outside without keys or certificates", async () => {
  const { code, errors } = await serveRefuses({ SEKTOR_GRPC_PORT: await freePort(), SEKTOR_GRPC_HOST: "0.0.0.0" });
  expect(code).toBe(1);
  expect(errors).toContain("0.0.0.0");
});

it("serve names what is wrong with its certificates before the engine starts", async () => {
  const { code, errors } = await serveRefuses({ SEKTOR_GRPC_PORT: await freePort(), SEKTOR_GRPC_CERT: "yok.pem" });
  expect(code).toBe(1);
  expect(errors).toContain("grpc.tls");
});
