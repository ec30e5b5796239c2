/**
 * A socket of `/v1/realtime`, beside this page's address.
 * @param {{ key: string, onEvent: (event: object) => void, onClosed: (code: number, wasOpen: boolean) => void }} parts
 *   key: "" where none is needed; onClosed is told once, unless `close` was called
 */
export function openRealtimeSocket({ key, onEvent, onClosed }) {
  const address = new URL("v1/realtime?model=auto", document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  // A browser can set no header here: the key travels as a subprotocol, as OpenAI's own client has it.
  const socket = new WebSocket(address, ["realtime", ...(key === "" ? [] : [`openai-insecure-api-key.${key}`])]);
  let wanted = true;
  let wasOpen = false;
  socket.addEventListener("open", () => {
    wasOpen = true;
  });
  socket.addEventListener("message", ({ data }) => {
    if (wanted) onEvent(JSON.parse(data));
  });
  socket.addEventListener("close", ({ code }) => {
    if (wanted) onClosed(code, wasOpen);
    wanted = false;
  });
  return {
    /** What is said to a socket that is not open is lost, as it should be. */
    send(event) {
      if (wanted && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(event));
    },
    close() {
      wanted = false;
      socket.close(1000);
    },
  };
}
