import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkedEndpoint, checkedToken } from "../../../../scripts/upload-model/hub-access.ts";
import { UploadRefused } from "../../../../scripts/upload-model/upload-refused.ts";
import { model, uploadHouse } from "./upload-house.ts";

const { hub, at, folderWith, upload } = uploadHouse();

describe("a folder that is not fit to be uploaded", () => {
  const key = `-----BEGIN ${"RSA PRIVATE"} KEY-----`;
  const token = `hf_${"aB3".repeat(12)}`;
  it.each([
    ["files of another kind", { ".env": "A=1" }, ".env"],
    ["code", { "model.py": "print()" }, "model.py"],
    ["a hidden folder", { ".git/config": "" }, ".git/config"],
    ["a private key in a text", { "notlar.txt": `a\n${key}\n` }, "notlar.txt (a private key)"],
    ["a token in its card", { "README.md": `# Model\n${token}` }, "README.md (a hub token)"],
    [
      "a password in an address",
      { "a.yaml": "url: postgres://ayse:parola@host/db" },
      "a.yaml (a password in an address)",
    ],
    ["a secret far inside a long line", { "a.jsonl": `${"x".repeat(70_000)} ${token}` }, "a.jsonl (a hub token)"],
    ["an empty card", { "README.md": "" }, "no model card"],
  ])("is refused for %s, before anything is asked", async (_, files, sentence) => {
    await expect(upload(folderWith({ ...model, ...files }))).rejects.toThrow(sentence);
    expect(hub().calls).toEqual([]);
  });

  it("is refused without a card, and with nothing but one", async () => {
    await expect(upload(folderWith({ "a.gguf": "GGUF" }))).rejects.toThrow("no model card");
    rmSync(at("model"), { recursive: true });
    await expect(upload(folderWith({ "README.md": "# Model" }))).rejects.toThrow("nothing but its card");
  });

  it("is refused for a link, which may lead out of it", async () => {
    const folder = folderWith();
    writeFileSync(at("disarida.gguf"), "GGUF");
    symlinkSync(at("disarida.gguf"), join(folder, "baska.gguf"));
    await expect(upload(folder)).rejects.toThrow("baska.gguf");
  });

  it("is refused when it is not there", async () => {
    expect(existsSync(at("yok"))).toBe(false);
    await expect(upload(at("yok"))).rejects.toThrow("cannot be read (ENOENT)");
  });
});

describe("where a token may go", () => {
  it.each(["https://hub.example/", "http://127.0.0.1:9000", "http://localhost:9000/hub/"])("to %s", (address) => {
    expect(checkedEndpoint(address)).toBe(address.replace(/\/$/, ""));
  });

  it.each(["http://hub.example", "ftp://hub.example", "https://a:b@hub.example", "hub.example", ""])(
    "not to %j",
    (address) => {
      expect(() => checkedEndpoint(address)).toThrow(UploadRefused);
    },
  );

  it("only when it looks like one", () => {
    expect(checkedToken("hf_abc1", "HF_TOKEN")).toBe("hf_abc1");
    expect(checkedToken("", "HF_TOKEN")).toBe("");
    expect(() => checkedToken("ghp_abc", "HF_TOKEN")).toThrow("HF_TOKEN holds no hub token");
  });
});
