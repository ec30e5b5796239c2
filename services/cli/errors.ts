import { PlatformError } from "../foundation/index.ts";

/** Nobody answers at the address; carries how to start a server. */
export class ServerUnreachableError extends PlatformError {
  override readonly name = "ServerUnreachableError";
  constructor(url: string, reason: string, cause?: unknown) {
    super({
      code: "server_unreachable",
      status: 503,
      message: `No server at ${url} (${reason}). Start one with "npm start" or "npx sektor serve", or name another with --url.`,
      messageTr: `${url} adresindeki sunucuya ulaşılamıyor (${reason}).\nBaşlatmak için: npm start  (ya da: npx sektor serve)\nBaşka bir sunucu için: --url http://makine:8000 ya da SEKTOR_URL`,
      cause,
    });
  }
}

/** The server answered, and the answer is no; code and text are the server's own. */
export class ServerRefusedError extends PlatformError {
  override readonly name = "ServerRefusedError";
  constructor(status: number, code: string, detail: string, retryAfterS?: number) {
    const hints = [
      ...(status === 401 || status === 403 ? ["Anahtarı SEKTOR_API_KEY değişkeninde verin."] : []),
      ...(retryAfterS === undefined ? [] : [`${retryAfterS} sn sonra yeniden deneyin.`]),
    ];
    super({
      code,
      status,
      message: detail,
      messageTr: [`${detail} (${status} ${code})`, ...hints].join("\n"),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    });
  }
}

/** The reply began and did not end, or is not what this command line understands. */
export class ReplyBrokenError extends PlatformError {
  override readonly name = "ReplyBrokenError";
  constructor(detail: { readonly en: string; readonly tr: string }, cause?: unknown) {
    super({ code: "reply_broken", status: 502, message: detail.en, messageTr: detail.tr, cause });
  }
}

/** The command line asks for something that cannot be meant. */
export class UsageError extends PlatformError {
  override readonly name = "UsageError";
  constructor(en: string, tr: string) {
    super({ code: "usage", status: 400, message: en, messageTr: tr });
  }
}
