import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedCall {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks on loopback that keeps what it is told. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: ReceivedCall[] = [];
  readonly #server = createServer();

  /** @param answer told the number of the call, from 1 */
  static async start(
    answer: (response: ServerResponse, call: number) => void = (response) => response.end(),
  ): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.#server.on("request", async (request, response) => {
      let body = "";
      for await (const piece of request) body += String(piece);
      const { method, url, headers } = request;
      receiver.received.push({ method, url, headers, body });
      answer(response, receiver.received.length);
    });
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/told?by=sektor`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
