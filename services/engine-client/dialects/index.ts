import type { DialectContext, EngineDialect, EngineDialectName } from "./engine-dialect.ts";
import { llamaServerDialect } from "./llama-server.ts";
import { loraxDialect } from "./lorax.ts";
import { sektorDialect } from "./sektor.ts";
import { sglangDialect } from "./sglang.ts";
import { vllmDialect } from "./vllm.ts";

export const dialects: Readonly<Record<EngineDialectName, (context: DialectContext) => EngineDialect>> = {
  sektor: sektorDialect,
  vllm: vllmDialect,
  sglang: sglangDialect,
  lorax: loraxDialect,
  "llama-server": llamaServerDialect,
};
