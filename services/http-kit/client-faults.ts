import type { Socket } from "node:net";
import { PlatformError } from "../foundation/index.ts";
import { renderProblem } from "./problem-errors.ts";

/**
 * Answers what never became a request: half-sent or unreadable heads. There is no request yet, so no language and no dialect to choose;
 * on a connection that has had a reply nothing is said, since it might land in the middle of another.
 */
export function answerClientFault(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable && socket.bytesWritten === 0 && fault.code !== "ECONNRESET") {
    const error = faultOf(fault.code);
    const body = JSON.stringify(renderProblem(error, undefined));
    const head = [
      `HTTP/1.1 ${error.status} ${error.code}`,
      "Content-Type: application/problem+json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

function faultOf(code: string | undefined): PlatformError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new PlatformError({
      code: "request_timeout",
      status: 408,
      message: "The request did not arrive in time.",
      messageTr: "İstek zamanında tamamlanmadı.",
    });
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return new PlatformError({
      code: "headers_too_large",
      status: 431,
      message: "The request's headers are too large.",
      messageTr: "İsteğin üst bilgileri çok büyük.",
    });
  }
  return new PlatformError({
    code: "malformed_request",
    status: 400,
    message: "This is no HTTP request.",
    messageTr: "Bu geçerli bir HTTP isteği değil.",
  });
}
