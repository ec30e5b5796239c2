/** infer's HTTP dialect with a scripted engine behind it: answers at once. `scripted-infer.ts <port>`; says "ready" when it listens. */
import { resolve } from "node:path";
import { pino } from "pino";
import { buildEngineApp } from "../../services/engine-http/index.ts";
import { loadSectors } from "../../services/settings/index.ts";
import { ScriptedEngine } from "../../tests/support/scripted-engine.ts";

const words =
  "Bu yanıt bir model tarafından değil bir betik tarafından yazıldı ve yalnızca geçidin payını ölçmek için kullanılıyor tamam mı".split(
    " ",
  );
const sectors = loadSectors(resolve("configs/sectors.yaml"));
const engine = new ScriptedEngine({
  reply: () => words.map((word, at) => (at === 0 ? word : ` ${word}`)),
  adapters: sectors.all.map((sector) => `${sector.id}@1`),
});
// What was asked is of no interest here, and half an hour of it would only fill memory.
setInterval(() => engine.forgetCalls(), 10_000).unref();
const app = await buildEngineApp({
  engine,
  logger: pino({ level: "silent" }),
  bodyLimitBytes: 4 << 20,
  replyTimeoutMs: 60_000,
  metrics: async () => "",
});
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
console.log("ready");
