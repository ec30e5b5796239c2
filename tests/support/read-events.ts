import { EventSourceParserStream } from "eventsource-parser/stream";

export interface ReadEvent {
  readonly event: string | undefined;
  readonly data: string;
}

/** The server-sent events of a fetch reply, as they come. */
export async function* readEvents(reply: Response): AsyncGenerator<ReadEvent> {
  if (reply.body === null) throw new Error("The reply has no body.");
  const events = reply.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { event, data } of events) yield { event, data };
}
