import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256Of } from "./hub.ts";

export interface HubCall {
  readonly kind: "repository" | "create" | "tree" | "preupload" | "batch" | "commit" | "part" | "whole" | "join";
  readonly path: string;
  readonly authorization: string | undefined;
}

interface Repository {
  readonly visibility: string;
  /** Content by path; `large`: as LFS. */
  readonly files: Map<string, { readonly bytes: Buffer; readonly large: boolean }>;
}

export interface UploadHub {
  readonly url: string;
  readonly token: string;
  readonly calls: readonly HubCall[];
  readonly repositories: Map<string, Repository>;
  /** Large contents by SHA-256, whoever sent them. */
  readonly storage: Map<string, Buffer>;
  of(kind: HubCall["kind"]): readonly HubCall[];
  /** Statuses of the next calls of a kind, one each; 200: it is served. */
  fail(kind: HubCall["kind"], ...statuses: readonly number[]): void;
  /** What was begun in parts is gone, as it is after a while. */
  forgetParts(): void;
  close(): Promise<void>;
}

/** Large files are sent in parts of this size, where they are longer. */
export const partBytes = 1024;
const pageFiles = 2;

/** A real HTTP server on 127.0.0.1 that takes uploads as a model hub does. */
export async function startUploadHub(): Promise<UploadHub> {
  const token = "hf_deneme";
  const calls: HubCall[] = [];
  const repositories = new Map<string, Repository>();
  const storage = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const faults = new Map<string, number[]>();
  let url = "";

  const server = createServer((request, response) => {
    void serve(request, response).catch((fault: unknown) => {
      response.writeHead(500).end(String(fault));
    });
  });

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    const body = Buffer.concat(await request.toArray());
    const kind = kindOf(request.method ?? "GET", pathname);
    calls.push({ kind, path: pathname, authorization: request.headers.authorization });
    const status = faults.get(kind)?.shift() ?? 200;
    const json = (value: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    };
    const refuse = (code: number, error: string): void => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    };
    if (status !== 200) return refuse(status, `scripted ${status}`);
    const isStorage = kind === "part" || kind === "whole" || kind === "join";
    if (!isStorage && request.headers.authorization !== `Bearer ${token}`) return refuse(401, "Invalid token");
    const name = /^\/(?:api\/models\/)?([^/]+\/[^/.]+)/.exec(pathname)?.[1] ?? "";
    const repository = repositories.get(name);
    const [, , , upload = "", part = ""] = pathname.split("/");
    switch (kind) {
      case "create": {
        const wanted = JSON.parse(String(body)) as { name: string; organization: string; visibility: string };
        repositories.set(`${wanted.organization}/${wanted.name}`, { visibility: wanted.visibility, files: new Map() });
        return json({ url: `${url}/${wanted.organization}/${wanted.name}`, id: "1" });
      }
      case "repository":
        return repository === undefined ? refuse(404, "Repository not found") : json({ id: name });
      case "tree": {
        const at = Number(searchParams.get("cursor") ?? 0);
        const entries = [...(repository?.files ?? [])].map(([path, file]) => treeEntry(path, file));
        const next = `<${url}${pathname}?recursive=true&cursor=${at + pageFiles}>; rel="next"`;
        return json(entries.slice(at, at + pageFiles), at + pageFiles < entries.length ? { link: next } : {});
      }
      case "preupload": {
        const { files } = JSON.parse(String(body)) as { files: { path: string }[] };
        return json({ files: files.map(({ path }) => ({ path, uploadMode: isLarge(path) ? "lfs" : "regular" })) });
      }
      case "batch": {
        const { objects } = JSON.parse(String(body)) as { objects: { oid: string; size: number }[] };
        return json({ transfer: "multipart", objects: objects.map((object) => ({ ...object, ...wayFor(object) })) });
      }
      case "whole":
        if (sha256Of(body) !== upload) return refuse(400, "The content has another checksum");
        storage.set(upload, body);
        return json({});
      case "part": {
        const parts = uploads.get(upload);
        if (parts === undefined) return refuse(404, "NoSuchUpload");
        parts.set(Number(part), body);
        return json({}, { etag: `"${sha256Of(body).slice(0, 16)}"` });
      }
      case "join": {
        const parts = uploads.get(upload);
        if (parts === undefined) return refuse(404, "NoSuchUpload");
        const wanted = JSON.parse(String(body)) as { oid: string; parts: { partNumber: number; etag: string }[] };
        const pieces = wanted.parts.map(({ partNumber, etag }) => {
          const bytes = parts.get(partNumber);
          return bytes !== undefined && etag === `"${sha256Of(bytes).slice(0, 16)}"` ? bytes : undefined;
        });
        const whole = Buffer.concat(pieces.filter((piece) => piece !== undefined));
        if (sha256Of(whole) !== wanted.oid) return refuse(400, "The parts do not make the file");
        storage.set(wanted.oid, whole);
        uploads.delete(upload);
        return json({});
      }
      case "commit": {
        if (repository === undefined) return refuse(404, "Repository not found");
        for (const line of String(body).split("\n").slice(1)) commitLine(repository, JSON.parse(line));
        return json({ commitOid: "c0ffee", commitUrl: `${url}/${name}/commit/c0ffee` });
      }
    }
  };

  const wayFor = ({ oid, size }: { oid: string; size: number }): object => {
    if (storage.has(oid)) return {};
    if (size <= partBytes) return { actions: { upload: { href: `${url}/storage/whole/${oid}?signature=gizli` } } };
    const upload = randomUUID();
    uploads.set(upload, new Map());
    const numbers = Array.from({ length: Math.ceil(size / partBytes) }, (_, at) => at + 1);
    const parts = numbers.map((at) => [
      String(at).padStart(5, "0"),
      `${url}/storage/part/${upload}/${at}?signature=gizli`,
    ]);
    const header = { chunk_size: String(partBytes), ...Object.fromEntries(parts) };
    return { actions: { upload: { href: `${url}/storage/join/${upload}?signature=gizli`, header } } };
  };

  const commitLine = ({ files }: Repository, line: { key: string; value: Record<string, string> }): void => {
    const { path = "", content = "", oid = "" } = line.value;
    const bytes = line.key === "lfsFile" ? storage.get(oid) : Buffer.from(content, "base64");
    if (bytes === undefined) throw new Error(`${path} was not sent`);
    files.set(path, { bytes, large: line.key === "lfsFile" });
  };

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    calls,
    repositories,
    storage,
    of: (kind) => calls.filter((call) => call.kind === kind),
    fail: (kind, ...statuses) => void faults.set(kind, [...(faults.get(kind) ?? []), ...statuses]),
    forgetParts: () => uploads.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function kindOf(method: string, path: string): HubCall["kind"] {
  if (path === "/api/repos/create") return "create";
  if (path.endsWith("/info/lfs/objects/batch")) return "batch";
  const [, first, second, , , third] = path.split("/");
  if (first === "storage") return second as HubCall["kind"];
  if (third === "tree" || third === "preupload" || third === "commit") return third;
  if (method === "GET" && second === "models") return "repository";
  throw new Error(`Nothing is served at ${method} ${path}`);
}

function isLarge(path: string): boolean {
  return /\.(gguf|bin|safetensors)$/.test(path);
}

function treeEntry(path: string, { bytes, large }: { bytes: Buffer; large: boolean }): object {
  const oid = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  const lfs = { oid: sha256Of(bytes), size: bytes.length, pointerSize: 130 };
  return { type: "file", path, size: bytes.length, oid: large ? "0".repeat(40) : oid, ...(large ? { lfs } : {}) };
}
