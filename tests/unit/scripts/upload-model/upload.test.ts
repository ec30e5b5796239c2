import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { UploadRefused } from "../../../../scripts/upload-model/upload-refused.ts";
import { ggufBytes } from "../../../support/hub.ts";
import { partBytes } from "../../../support/upload-hub.ts";
import { encoded, model, repo, uploadHouse } from "./upload-house.ts";

const { hub, at, folderWith, upload, onTheHub } = uploadHouse();

describe("upload-model", () => {
  it("makes a private repository and brings every file into it, byte for byte", async () => {
    const { outcome, plans, progress } = await upload(folderWith());
    expect(outcome).toEqual({ sent: true, url: `${hub().url}/${repo}/commit/c0ffee` });
    expect(hub().repositories.get(repo)?.visibility).toBe("private");
    expect(onTheHub()).toEqual(encoded(model));
    expect(hub().of("commit")).toHaveLength(1);
    expect(plans).toEqual([
      {
        states: {
          "README.md": "new",
          "manifest.json": "new",
          "base/taban.gguf": "new",
          "adapters/legal@1.gguf": "new",
        },
        isNew: true,
      },
    ]);
    const total = Object.values(model).reduce((sum, content) => sum + Buffer.byteLength(content), 0);
    expect(progress.at(-1)).toBe(`${total}/${total}`);
  });

  it("makes it public where that is said", async () => {
    await upload(folderWith(), { isPublic: true });
    expect(hub().repositories.get(repo)?.visibility).toBe("public");
  });

  it("shows its token to the hub, and not to the storage", async () => {
    await upload(folderWith());
    const seen = (isStorage: boolean) =>
      new Set(
        hub()
          .calls.filter(({ path }) => path.startsWith("/storage/") === isStorage)
          .map((call) => call.authorization),
      );
    expect(seen(false)).toEqual(new Set([`Bearer ${hub().token}`]));
    expect(seen(true)).toEqual(new Set([undefined]));
  });

  it("sends nothing on a trial run, and says what it would", async () => {
    await upload(folderWith());
    const before = hub().calls.length;
    const folder = folderWith({ "manifest.json": "[]", NOTICE: "Kaynaklar" });
    const { outcome, plans } = await upload(folder, { dryRun: true });
    expect(outcome).toEqual({ sent: false });
    expect(plans[0]).toMatchObject({
      states: { "README.md": "same", "manifest.json": "changed", "base/taban.gguf": "same", NOTICE: "new" },
      isNew: false,
    });
    expect(
      new Set(
        hub()
          .calls.slice(before)
          .map(({ kind }) => kind),
      ),
    ).toEqual(new Set(["repository", "tree"]));
  });

  it("makes no repository on a trial run", async () => {
    const { plans } = await upload(folderWith(), { dryRun: true });
    expect(plans[0]?.isNew).toBe(true);
    expect([...hub().repositories]).toEqual([]);
  });

  it("sends only what the hub does not have, and leaves other files there alone", async () => {
    await upload(folderWith());
    hub()
      .repositories.get(repo)
      ?.files.set("eski.md", { bytes: Buffer.from("eski"), large: false });
    expect((await upload(folderWith())).outcome).toEqual({ sent: false });
    // The same length: only the bytes tell.
    const changed = { "base/taban.gguf": ggufBytes(2 * partBytes + 300, 9) };
    const before = hub().of("part").length;
    await upload(folderWith(changed));
    expect(hub().of("part").length - before).toBe(3);
    expect(onTheHub()).toEqual({
      ...encoded({ ...model, ...changed }),
      "eski.md": Buffer.from("eski").toString("base64"),
    });
  });

  it("does not send a large file that the storage knows from elsewhere", async () => {
    await upload(folderWith(), { repo: "sektor/baska" });
    const before = hub().of("part").length;
    await upload(folderWith());
    expect(hub().of("part")).toHaveLength(before);
    expect(onTheHub()).toEqual(encoded(model));
  });

  it("says what the hub says when it refuses, without signatures", async () => {
    hub().fail("whole", 403);
    const failure = await upload(folderWith()).catch((fault: unknown) => fault);
    expect(failure).toBeInstanceOf(UploadRefused);
    expect(String(failure)).toContain("The hub answered 403: scripted 403");
    expect(String(failure)).not.toContain("gizli");
  });

  it("says so when nobody answers", async () => {
    await hub().close();
    await expect(upload(folderWith())).rejects.toThrow("The hub cannot be reached (ECONNREFUSED).");
  });

  it("says so when the hub has other bytes afterwards", async () => {
    const folder = folderWith();
    const spoil = () =>
      hub()
        .repositories.get(repo)
        ?.files.set("manifest.json", { bytes: Buffer.from("[]"), large: false });
    const onProgress = (done: number, total: number) => void (done === total && spoil());
    await expect(upload(folder, { onProgress })).rejects.toThrow("other bytes than were sent of manifest.json");
  });

  it("needs a token to send anything", async () => {
    hub().repositories.set(repo, { visibility: "public", files: new Map() });
    await expect(upload(folderWith(), { token: "" })).rejects.toThrow(UploadRefused);
    expect(hub().of("commit")).toEqual([]);
  });
});

describe("npm run upload-model", () => {
  const run = promisify(execFile);
  const program = fileURLToPath(new URL("../../../../scripts/upload-model.ts", import.meta.url));
  const script = (...args: readonly string[]) =>
    run(process.execPath, ["--import", import.meta.resolve("tsx"), program, ...args], {
      cwd: at(),
      env: { ...process.env, DENEME_TOKEN: hub().token },
    });

  it("uploads with the token of the variable that is named, and says where to", async () => {
    const args = ["--repo", repo, "--endpoint", hub().url, "--token-env", "DENEME_TOKEN"];
    const { stdout, stderr } = await script(folderWith(), ...args);
    expect(stdout).toMatch(/^sektor\/deneme \(does not exist yet\)\n {2}new +16 {2}README\.md\n/m);
    expect(stdout).toContain(`Uploaded and compared: ${hub().url}/${repo}/commit/c0ffee`);
    expect(stdout + stderr).not.toContain(hub().token);
    expect(onTheHub()).toEqual(encoded(model));
  }, 60_000);

  it("ends with 1 and a sentence when there is something to mend", async () => {
    const folder = folderWith({ ...model, ".env": "A=1" });
    const failure = await script(folder, "--repo", repo, "--endpoint", hub().url).catch((fault: unknown) => fault);
    expect(failure).toMatchObject({ code: 1, stderr: "Not a model's files, move them elsewhere: .env\n" });
  }, 60_000);
});
