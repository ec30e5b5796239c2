import { connect } from "node:net";
import { expect } from "vitest";
import type { RateLimiter } from "../../services/access/index.ts";
import type { buildTestGateway } from "./gateway.ts";

type Gateway = Awaited<ReturnType<typeof buildTestGateway>>["app"];

/** A limiter that lets everybody in, once it is opened; as one in Redis it takes its time. */
export function gatedLimiter() {
  const places = { asked: 0, given: 0 };
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const limiter: RateLimiter = {
    take: async (_, [rule = { name: "", max: 1, windowMs: 1 }]) => ({ rule, allowed: true, remaining: 1, resetMs: 1 }),
    enter: async () => {
      places.asked += 1;
      await opened;
      return () => {
        places.given += 1;
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { limiter, places, open };
}

/** Posts and leaves as soon as `until` holds; resolves when the gateway has seen it go. */
export async function postAndLeave(gateway: Gateway, path: string, payload: object, until: () => boolean) {
  const { port } = new URL(await gateway.listen({ host: "127.0.0.1", port: 0 }));
  const body = JSON.stringify(payload);
  const socket = connect(Number(port), "127.0.0.1");
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: x",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  await expect.poll(until).toBe(true);
  socket.destroy();
  const connections = () =>
    new Promise<number>((resolve) => gateway.server.getConnections((_, count) => resolve(count)));
  await expect.poll(connections).toBe(0);
}
