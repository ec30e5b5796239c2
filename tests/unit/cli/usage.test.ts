import { expect, test } from "vitest";
import { commandLine } from "./command-line.ts";

async function run(args: readonly string[]) {
  const started: { name: string; variables: Readonly<Record<string, string>> }[] = [];
  const ran = await commandLine(args, {
    startProgram: async (name, variables) => {
      started.push({ name, variables });
      return 7;
    },
  });
  return { ...ran, started };
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
  [["worker"], "--runpod verilmeli"],
  [["worker", "--runpod", "--concurrency", "0"], "arasında bir tam sayı"],
  [["handler-test", "yok.json"], "yok.json okunamıyor (ENOENT)"],
  [["handler-test", "--input", "{"], "--input geçerli JSON değil"],
  [["handler-test", "--input", '{"prompt":"x"}'], '{"input": {"prompt": "…"}} beklenir'],
  [["keys", "rotate", "x", "--grace", "721"], "arasında bir tam sayı"],
])("2 and a Turkish sentence for %j", async (args, sentence) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toContain(sentence);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

test("a worker is started with what the options say", async () => {
  expect((await run(["worker", "--runpod"])).started).toEqual([{ name: "worker", variables: {} }]);
  const args = ["worker", "--runpod", "--concurrency", "4", "--idle-exit", "60", "--no-stream"];
  const variables = { SEKTOR_WORKER_CONCURRENCY: "4", SEKTOR_WORKER_IDLE_EXIT_S: "60", SEKTOR_WORKER_STREAM: "false" };
  expect(await run(args)).toMatchObject({ code: 7, started: [{ name: "worker", variables }] });
});

test("serve, infer and migrate are started with what the options say, and their exit code is handed on", async () => {
  expect(await run(["serve", "--port", "9000", "--host", "127.0.0.1"])).toMatchObject({
    code: 7,
    started: [{ name: "serve", variables: { SEKTOR_PORT: "9000", SEKTOR_HOST: "127.0.0.1" } }],
  });
  for (const name of ["infer", "migrate"]) expect((await run([name])).started).toEqual([{ name, variables: {} }]);
});
