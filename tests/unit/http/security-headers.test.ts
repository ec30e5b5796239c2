import Fastify from "fastify";
import { expect, it } from "vitest";
import { securityHeaders } from "../../../services/http/security-headers.ts";
import { problemErrors, streamEvents } from "../../../services/http-kit/index.ts";

async function newApp() {
  const app = Fastify();
  app.decorate("stalledReaderMs", 0);
  problemErrors(app);
  await app.register(securityHeaders);
  app.get("/page", async () => "");
  app.get("/broken", async () => {
    throw new Error("kaput");
  });
  app.get("/stream", (request, reply) => {
    const frames = async function* () {
      yield "data: 1\n\n";
    };
    return streamEvents(request, reply, frames(), () => "");
  });
  return app;
}

it.each(["/page", "/broken", "/nowhere", "/stream"])(
  "the reply to %s tells browsers to trust nothing else",
  async (url) => {
    const app = await newApp();
    const { headers } = await app.inject(url);
    expect(headers["content-security-policy"]).toMatch(/^default-src 'self';/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN" });
  },
);
