/**
 * The server-sent events of a fetch reply, as they come.
 * @param {ReadableStream<Uint8Array>} body
 * @yields {{ event: string, data: string }}
 */
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // A CRLF may be split between two pieces; the CR then waits for its LF.
      pending = (pending + value).replace(/\r\n/g, "\n");
      for (let end = pending.indexOf("\n\n"); end >= 0; end = pending.indexOf("\n\n")) {
        const block = pending.slice(0, end);
        pending = pending.slice(end + 2);
        const parsed = parseEvent(block);
        if (parsed !== undefined) yield parsed;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** One block of `field: value` lines; undefined for comments and blocks without data. */
function parseEvent(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}
