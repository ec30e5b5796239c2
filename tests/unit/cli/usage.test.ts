import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runCli } from "../../../services/cli/index.ts";

async function run(args: readonly string[]) {
  const started: { name: string; variables: Readonly<Record<string, string>> }[] = [];
  const stdin = new PassThrough();
  stdin.end();
  const streams = { stdout: new PassThrough().setEncoding("utf8"), stderr: new PassThrough().setEncoding("utf8") };
  const code = await runCli(args, {
    ...streams,
    stdin,
    defaults: { url: "http://127.0.0.1:9", isUrlChosen: false, apiKey: "" },
    openKeys: async () => {
      throw new Error("no keys here");
    },
    colour: false,
    onInterrupt: () => () => undefined,
    createProgressBar: () => ({ update: () => undefined, stop: () => undefined }),
    startProgram: async (name, variables) => {
      started.push({ name, variables });
      return 7;
    },
  });
  return { code, started, stdout: String(streams.stdout.read() ?? ""), stderr: String(streams.stderr.read() ?? "") };
}

test.each([
  [[], "bir komut yazın"],
  [["uç"], "bilinmeyen komut uç"],
  [["chat", "--renk"], "bilinmeyen seçenek --renk"],
  [["chat", " "], "boş olamaz"],
  [["generate", "x", "--max-tokens", "0"], "arasında bir tam sayı"],
  [["generate", "x", "--seed"], "bir değer ister"],
  [["health", "--url", "ftp://x"], "--url"],
  [["health", "fazla"], "fazladan"],
  [["keys"], "bir komut yazın"],
  [["keys", "create"], "--name"],
  [["keys", "create", "--name", "x", "--scopes", "root"], "Yetkiler: chat"],
  [["keys", "create", "--name", "x", "--days", "0"], "arasında bir tam sayı"],
  [["keys", "rotate"], "<kimlik> eksik"],
  [["keys", "rotate", "x", "--grace", "721"], "arasında bir tam sayı"],
])("2 and a Turkish sentence for %j", async (args, sentence) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toContain(sentence);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

test("serve, infer and migrate are started with what the options say, and their exit code is handed on", async () => {
  expect(await run(["serve", "--port", "9000", "--host", "127.0.0.1"])).toMatchObject({
    code: 7,
    started: [{ name: "serve", variables: { SEKTOR_PORT: "9000", SEKTOR_HOST: "127.0.0.1" } }],
  });
  for (const name of ["infer", "migrate"]) expect((await run([name])).started).toEqual([{ name, variables: {} }]);
});
