import { fork } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sektor-start-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("infer tells its supervisor all the while that it reads a large file, and shows people how far it is", async () => {
  const model = join(folder, "large.gguf");
  // Seconds of reading, all of it in vain: there is no model in it.
  writeFileSync(model, "");
  truncateSync(model, 2 * 1024 ** 3);
  const child = fork("services/main/infer.ts", [], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, SEKTOR_MODEL: model, SEKTOR_DATA: folder, SEKTOR_GPU: "off" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const heard: { readonly message: unknown; readonly shown: string }[] = [];
  let shown = "";
  child.stderr?.on("data", (piece: Buffer) => {
    shown += piece.toString();
  });
  child.on("message", (message) => heard.push({ message, shown }));
  await new Promise((resolve) => child.once("close", resolve));
  expect(shown).toContain("base_model_rejected");
  for (const share of ["%0 ", "%50 ", "%100 "]) expect(shown).toContain(`Doğrulanıyor ${share}`);
  expect(heard.map(({ message }) => message)).toEqual(heard.map(() => "alive"));
  const amid = heard.filter((word) => word.shown.includes("Doğrulanıyor %0 ") && !word.shown.includes("%100 "));
  expect(amid.length).toBeGreaterThan(0);
});
