import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { commitIter, createRepo, listFiles, repoExists } from "@huggingface/hub";
import { collectFiles } from "./collect-files.ts";
import { type ComparedFile, compareFiles, type RemoteFile } from "./compare-files.ts";
import { refuseSecrets } from "./find-secrets.ts";
import { inHubWords } from "./hub-words.ts";
import { SentBytes } from "./sent-bytes.ts";
import { createUploadFetch, type Patience } from "./upload-fetch.ts";
import { UploadJournal } from "./upload-journal.ts";
import { UploadRefused } from "./upload-refused.ts";

export interface UploadOptions {
  readonly folder: string;
  /** `owner/name` */
  readonly repo: string;
  /** Of the hub, without a slash at its end. */
  readonly endpoint: string;
  /** Empty: none, which is enough for a trial run against a public repository. */
  readonly token: string;
  /** Of a repository that does not exist yet. */
  readonly isPublic: boolean;
  /** Of the commit. */
  readonly message: string;
  /** Look, compare, send nothing. */
  readonly dryRun: boolean;
  /** Where unfinished uploads are remembered. */
  readonly journalFolder: string;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Told once, before anything is sent. */
  readonly onPlan: (files: readonly ComparedFile[], isNewRepository: boolean) => void;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** The commit's address where there is one. */
export type UploadOutcome = { readonly sent: false } | { readonly sent: true; readonly url: string };

interface Hub {
  readonly repo: string;
  readonly hubUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly accessToken?: string;
}

/**
 * Brings a model's folder into a repository of the hub, in one commit: files that are there already stay, others that are there too are
 * left alone. What has arrived before a failure is not sent again.
 * @throws {UploadRefused} the folder is not fit to be seen, the hub says no, or it has other bytes afterwards
 */
export async function runUpload(options: UploadOptions): Promise<UploadOutcome> {
  const { folder, repo, endpoint, token, signal, patience } = options;
  const files = await collectFiles(folder);
  await refuseSecrets(files);
  const sent = new SentBytes(options.onProgress);
  const journal = openJournal(options);
  let stale = false;
  const onStale = () => {
    stale = true;
  };
  const onBytes = (path: string, bytes: number) => sent.add(path, bytes);
  const fetch = createUploadFetch({ journal, signal, onBytes, onStale, patience });
  const hub: Hub = { repo, hubUrl: endpoint, fetch, ...(token === "" ? {} : { accessToken: token }) };

  const exists = await inHubWords(repoExists(hub));
  const compared = await compareFiles(files, exists ? await remoteFiles(hub) : new Map());
  options.onPlan(compared, !exists);
  const wanted = compared.filter(({ state }) => state !== "same");
  if (options.dryRun || wanted.length === 0) return { sent: false };
  if (token === "") throw new UploadRefused("There is no token to upload with.");
  const visibility = options.isPublic ? "public" : "private";
  if (!exists) await inHubWords(createRepo({ ...hub, accessToken: token, visibility }));
  const commit = () => inHubWords(send(hub, wanted, options, sent));
  const url = await commit().catch((fault: unknown) => {
    signal.throwIfAborted();
    if (!stale) throw fault;
    return commit();
  });
  await requireArrived(hub, wanted);
  return { sent: true, url };
}

function openJournal({ journalFolder, endpoint, repo }: UploadOptions): UploadJournal {
  const name = createHash("sha256").update(`${endpoint} ${repo}`).digest("hex").slice(0, 16);
  return new UploadJournal(join(journalFolder, `${name}.json`));
}

/** @returns the commit's address */
async function send(
  hub: Hub,
  files: readonly ComparedFile[],
  { message, signal }: UploadOptions,
  sent: SentBytes,
): Promise<string> {
  sent.begin(files);
  const steps = commitIter({
    ...hub,
    title: message,
    operations: files.map(({ path, absolute }) => ({
      operation: "addOrUpdate",
      path,
      content: pathToFileURL(absolute),
    })),
    abortSignal: signal,
    // The newer transfer has no stand-in to be tested against; the hub takes both.
    useXet: false,
  });
  for (;;) {
    const { done, value } = await steps.next();
    if (done === true) {
      if (value === undefined) throw new UploadRefused("The hub took the files and named no commit.");
      for (const { path } of files) sent.whole(path);
      return value.commit.url;
    }
    // Also of large files that the hub had before, from another repository or an interrupted run.
    if (value.event === "fileProgress" && value.state === "uploading" && value.progress === 1) sent.whole(value.path);
  }
}

async function requireArrived(hub: Hub, files: readonly ComparedFile[]): Promise<void> {
  const compared = await compareFiles(files, await remoteFiles(hub));
  const other = compared.filter(({ state }) => state !== "same").map(({ path }) => path);
  if (other.length > 0) throw new UploadRefused(`The hub has other bytes than were sent of ${other.join(", ")}.`);
}

async function remoteFiles(hub: Hub): Promise<ReadonlyMap<string, RemoteFile>> {
  const files = new Map<string, RemoteFile>();
  const list = listFiles({ ...hub, recursive: true });
  for (;;) {
    const next = await inHubWords(list.next());
    if (next.done === true) return files;
    if (next.value.type === "file") files.set(next.value.path, next.value);
  }
}
