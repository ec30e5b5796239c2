export interface ServerSentEvent {
  readonly event?: string;
  readonly data: string;
}

/** One event on the wire (WHATWG HTML, server-sent events). */
export function formatEvent({ event, data }: ServerSentEvent): string {
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  return `${event === undefined ? "" : `event: ${event}\n`}${lines.join("")}\n`;
}

export function formatJsonEvent(value: unknown, event?: string): string {
  return formatEvent({ data: JSON.stringify(value), ...(event === undefined ? {} : { event }) });
}
