import type { FastifyInstance } from "fastify";
import { PlatformError } from "../foundation/index.ts";

/** @returns the URL. @throws {PlatformError} `port_taken` */
export async function listenOn(
  app: Pick<FastifyInstance, "listen">,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== "EADDRINUSE") throw failure;
    throw new PlatformError({
      code: "port_taken",
      status: 500,
      message: `Port ${port} on ${host} is taken. Set SEKTOR_PORT to another, or stop the other process.`,
      messageTr: `${host} adresinde ${port} numaralı kapı dolu. SEKTOR_PORT ile başka bir kapı verin.`,
      cause: failure,
    });
  }
}
