import { UploadRefused } from "./upload-refused.ts";

/** @returns the address without a slash at its end @throws {UploadRefused} a token would travel there in the open */
export function checkedEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "")
    throw new UploadRefused("The hub must be an http(s) address without user name and query.");
  const isLoopback = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback)
    throw new UploadRefused("Over http: the token could be read on the way; use https:.");
  return url.href.replace(/\/+$/, "");
}

/** @param name of the variable it came from @throws {UploadRefused} it is no hub token */
export function checkedToken(text: string, name: string): string {
  if (text !== "" && !/^hf_[A-Za-z0-9]+$/.test(text)) throw new UploadRefused(`${name} holds no hub token (hf_…).`);
  return text;
}
