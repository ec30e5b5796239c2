import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { ComparedFile } from "../../../../scripts/upload-model/compare-files.ts";
import { runUpload, type UploadOptions } from "../../../../scripts/upload-model/run-upload.ts";
import { ggufBytes } from "../../../support/hub.ts";
import { partBytes, startUploadHub, type UploadHub } from "../../../support/upload-hub.ts";

export const repo = "sektor/deneme";

type Files = Readonly<Record<string, string | Buffer>>;

/** One of its files is sent in three parts, one in one piece, two within the commit. */
export const model: Files = {
  "README.md": "# Deneme modeli\n",
  "manifest.json": "{}",
  "base/taban.gguf": ggufBytes(2 * partBytes + 300),
  "adapters/legal@1.gguf": ggufBytes(700, 2),
};

/** For each test a hub and a place for folders; used after it began. */
export function uploadHouse() {
  let hub: UploadHub;
  let place: string;
  beforeEach(async () => {
    hub = await startUploadHub();
    place = mkdtempSync(join(tmpdir(), "sektor-upload-"));
  });
  afterEach(async () => {
    await hub.close();
    rmSync(place, { recursive: true, force: true });
  });
  return {
    hub: () => hub,
    at: (...names: readonly string[]) => join(place, ...names),
    /** A folder with these files, beside those that are there. */
    folderWith: (files: Files = model): string => {
      const folder = join(place, "model");
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      return folder;
    },
    upload: async (folder: string, options: Partial<UploadOptions> = {}) => {
      const plans: { states: Record<string, string>; isNew: boolean }[] = [];
      const progress: string[] = [];
      const outcome = await runUpload({
        folder,
        repo,
        endpoint: hub.url,
        token: hub.token,
        isPublic: false,
        message: "Deneme",
        dryRun: false,
        journalFolder: join(place, "journal"),
        patience: { tries: 3, firstPauseMs: 1 },
        signal: new AbortController().signal,
        onPlan: (files, isNew) => plans.push({ states: statesOf(files), isNew }),
        onProgress: (done, total) => progress.push(`${done}/${total}`),
        ...options,
      });
      return { outcome, plans, progress };
    },
    /** The repository's files, for comparing with `encoded`. */
    onTheHub: (): Record<string, string> => {
      const files = hub.repositories.get(repo)?.files ?? new Map();
      return Object.fromEntries([...files].map(([path, { bytes }]) => [path, bytes.toString("base64")]));
    },
  };
}

export function encoded(files: Files): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, Buffer.from(content).toString("base64")]),
  );
}

function statesOf(files: readonly ComparedFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, state }) => [path, state]));
}
