import type { IncomingMessage, ServerResponse } from "node:http";
import fastifyPlugin from "fastify-plugin";
import helmet from "helmet";

/** What helmet sets on any reply, lower-case names. Asked once: at every request it would be a twelfth of the gateway's work. */
function headersOf(options: Parameters<typeof helmet>[0]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, (failure) => {
    if (failure !== undefined) throw failure;
  });
  return headers;
}

/** Every reply tells browsers what they may do with it; a route may say otherwise. */
export const securityHeaders = fastifyPlugin(async (app) => {
  // Scripts and pages come from here alone; swagger-ui styles itself.
  const headers = headersOf({
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'self'"], imgSrc: ["'self'", "data:"], upgradeInsecureRequests: null },
    },
  });
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
});
