import { isEvent, type Program, startService } from "./program.ts";

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  readonly program: Program;
}

/** The gateway as `npm start` runs it, on a free loopback port. */
export async function startServe(environment: Readonly<Record<string, string>>): Promise<Gateway> {
  const program = startService("serve", {
    SEKTOR_PORT: "0",
    SEKTOR_VOICE_PORT: "0",
    SEKTOR_GRPC_PORT: "0",
    ...environment,
  });
  try {
    const line = await program.line(isEvent("serve-ready"), 180_000);
    const { url } = JSON.parse(line) as { url: string };
    return { url, program, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  } catch (failure) {
    await program[Symbol.asyncDispose]();
    throw failure;
  }
}
