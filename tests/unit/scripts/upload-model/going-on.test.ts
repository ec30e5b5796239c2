import { readdirSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UploadRefused } from "../../../../scripts/upload-model/upload-refused.ts";
import { ggufBytes } from "../../../support/hub.ts";
import { partBytes } from "../../../support/upload-hub.ts";
import { encoded, model, uploadHouse } from "./upload-house.ts";

const { hub, at, folderWith, upload, onTheHub } = uploadHouse();

describe("an upload that meets faults", () => {
  it("tries again what failed in passing, wherever it was", async () => {
    for (const kind of [
      "repository",
      "create",
      "preupload",
      "batch",
      "part",
      "whole",
      "join",
      "commit",
      "tree",
    ] as const)
      hub().fail(kind, 503, 429);
    await upload(folderWith());
    expect(onTheHub()).toEqual(encoded(model));
  });

  it("goes on with the parts of an upload that broke off", async () => {
    hub().fail("join", 500, 500, 500);
    await expect(upload(folderWith())).rejects.toThrow("The hub answered 500");
    const journal = at("journal");
    expect(readdirSync(journal)).toHaveLength(1);
    const sent = hub().of("part").length;
    expect(sent).toBe(3);
    await upload(folderWith());
    expect(hub().of("part")).toHaveLength(sent);
    expect(onTheHub()).toEqual(encoded(model));
    expect(readdirSync(journal)).toEqual([]);
  });

  it("begins a file anew whose parts the storage has thrown away", async () => {
    hub().fail("join", 500, 500, 500);
    await expect(upload(folderWith())).rejects.toThrow();
    hub().forgetParts();
    await upload(folderWith());
    expect(onTheHub()).toEqual(encoded(model));
    expect(hub().of("part")).toHaveLength(6);
  });

  it("does not go on with parts of what was changed since", async () => {
    hub().fail("join", 500, 500, 500);
    await expect(upload(folderWith())).rejects.toThrow();
    const changed = { "base/taban.gguf": ggufBytes(2 * partBytes + 300, 9) };
    await upload(folderWith(changed));
    expect(onTheHub()).toEqual(encoded({ ...model, ...changed }));
  });

  it("lets nobody else read what an unfinished upload is gone on with", async () => {
    hub().fail("join", 500, 500, 500);
    await expect(upload(folderWith())).rejects.toThrow();
    const [file = ""] = readdirSync(at("journal"));
    expect(statSync(at("journal", file)).mode & 0o077).toBe(0);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const reason = new UploadRefused("Durduruldu.");
    const onProgress = () => stop.abort(reason);
    await expect(upload(folderWith(), { signal: stop.signal, onProgress })).rejects.toBe(reason);
    expect(hub().of("commit")).toEqual([]);
  });
});
