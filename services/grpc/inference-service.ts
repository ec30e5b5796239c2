import { once } from "node:events";
import {
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type TurnEvent, turnResult } from "../conversation/index.ts";
import { textOf } from "./metadata.ts";
import { renderOpening, renderReply } from "./render-turn.ts";
import { serveTurn, type TurnParts } from "./serve-turn.ts";
import { statusOf } from "./status-of.ts";

export interface InferenceParts extends TurnParts {
  readonly newId: () => string;
}

/** `Generate` and `GenerateStream` over turns. */
export function createInferenceService(parts: InferenceParts): UntypedServiceImplementation {
  return {
    Generate: (call: ServerUnaryCall<unknown, object>, callback: sendUnaryData<object>) => {
      const request = { id: parts.newId(), endpoint: "grpc/Generate" };
      let reply: object | undefined;
      serveTurn(parts, request, call, async (events, noteSector) => {
        reply = renderReply(await turnResult(events, noteSector));
      }).then(
        () => callback(null, reply ?? {}, trailers(request.id)),
        (thrown: unknown) => callback(refusal(thrown, call.metadata, request.id)),
      );
    },
    GenerateStream: (call: ServerWritableStream<unknown, object>) => {
      const request = { id: parts.newId(), endpoint: "grpc/GenerateStream" };
      serveTurn(parts, request, call, async (events, noteSector, signal) => {
        for await (const event of events) {
          if (event.type === "opening") noteSector(event.opening.routing.sector);
          // A reader that is slower than the model is waited for, until the reply's time is over.
          if (!call.write(messageOf(event))) await drained(call, signal);
        }
      }).then(
        () => call.end(trailers(request.id)),
        (thrown: unknown) => call.emit("error", refusal(thrown, call.metadata, request.id)),
      );
    },
  };
}

/** The id comes behind the reply: what is sent before it would keep clients from trying a refused call again. */
function trailers(id: string, metadata = new Metadata()): Metadata {
  metadata.set("x-request-id", id);
  return metadata;
}

function refusal(thrown: unknown, asked: Metadata, id: string): StatusObject {
  const status = statusOf(thrown, textOf(asked, "accept-language"));
  return { ...status, metadata: trailers(id, status.metadata) };
}

/** @throws the signal's reason, not that waiting was given up */
async function drained(call: ServerWritableStream<unknown, object>, signal: AbortSignal): Promise<void> {
  try {
    await once(call, "drain", { signal });
  } catch (failure) {
    signal.throwIfAborted();
    throw failure;
  }
}

/** The proto's `GenerateEvent`. */
function messageOf(event: TurnEvent): object {
  if (event.type === "opening") return { opening: renderOpening(event.opening) };
  if (event.type === "text-delta") return { delta: { text: event.text } };
  return { end: renderReply(event.result) };
}
