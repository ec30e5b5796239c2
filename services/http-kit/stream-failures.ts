import type { FastifyRequest } from "fastify";

/** Codes of what went wrong after the status line had gone out. */
const failures = new WeakMap<FastifyRequest, string>();

export function noteStreamFailure(request: FastifyRequest, code: string): void {
  failures.set(request, code);
}

/** The code a streamed reply broke off with, whatever its status said; undefined: it did not. */
export function streamFailure(request: FastifyRequest): string | undefined {
  return failures.get(request);
}
