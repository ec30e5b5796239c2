import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { JobContract } from "./contracts.ts";
import type { AddOptions } from "./jobs.ts";
import { storableJson } from "./storable-json.ts";

/** What stands in the queue: the payload, and what was agreed when the job was added. */
const Envelope = Type.Object({
  payload: Type.Unknown(),
  /** Start it within this time, … */
  expireMs: Type.Optional(Type.Number()),
  /** … so not after this moment, ms since 1970. */
  expiresAtMs: Type.Optional(Type.Number()),
  timeoutMs: Type.Number(),
  retainMs: Type.Object({ completed: Type.Number(), failed: Type.Number() }),
});
export type Envelope = Static<typeof Envelope>;

/** @returns undefined: the payload is not the contract's */
export function envelopeOf(contract: JobContract, payload: unknown, options: AddOptions): Envelope | undefined {
  if (!Value.Check(contract.payload, payload)) return undefined;
  return {
    payload: storableJson(payload),
    timeoutMs: options.timeoutMs ?? contract.timeoutMs,
    retainMs: options.retainMs ?? contract.retainMs,
    ...(options.expireMs === undefined ? {} : expiryOf(options.expireMs)),
  };
}

/** For a job that waits again: its time begins anew. */
export function renewed(envelope: Envelope): Envelope {
  return envelope.expireMs === undefined ? envelope : { ...envelope, ...expiryOf(envelope.expireMs) };
}

function expiryOf(expireMs: number): Pick<Envelope, "expireMs" | "expiresAtMs"> {
  return { expireMs, expiresAtMs: Date.now() + expireMs };
}

/** What was read from the queue, if it is an envelope with the contract's payload. */
export function openEnvelope(contract: JobContract, data: unknown): Envelope | undefined {
  return Value.Check(Envelope, data) && Value.Check(contract.payload, data.payload) ? data : undefined;
}
