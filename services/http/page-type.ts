import { extname } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The content type of a page's file, by its ending. */
export function pageType(file: string): string {
  return types[extname(file)] ?? "application/octet-stream";
}
