import { PlatformError } from "../foundation/index.ts";

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * @param variable the environment variable that names another port
 * @returns the URL
 * @throws {PlatformError} `port_taken`
 */
export async function listenOn(
  listener: { listen(place: Place): Promise<string> },
  { host, port }: Place,
  variable: string,
): Promise<string> {
  try {
    return await listener.listen({ host, port });
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== "EADDRINUSE") throw failure;
    throw new PlatformError({
      code: "port_taken",
      status: 500,
      message: `Port ${port} on ${host} is taken. Set ${variable} to another, or stop the other process.`,
      messageTr: `${host} adresinde ${port} numaralı kapı dolu. ${variable} ile başka bir kapı verin.`,
      cause: failure,
    });
  }
}
