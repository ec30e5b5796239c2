import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { adapterIds, openEmbeddedEngine, wholeReply } from "../../../bench/support/embedded-engine.ts";
import { mean } from "../statistics.ts";

export interface ModelSpeed {
  /** From nothing to an engine that can answer, s: base loaded, adapters checked. */
  readonly loadS: number;
  /** Tokens of one reply a second, mean over the replies. */
  readonly tokensPerSecond: number;
  /** Tokens of a prompt read a second, mean. */
  readonly promptPerSecond: number;
  readonly threads: number;
  /** All files of the models folder, MB (10⁶ bytes). */
  readonly megabytes: number;
}

const replies = 4;
const replyTokens = 64;
const prompt = "Başvurum ne durumda, hangi belgeleri hazırlamam gerekiyor ve ne kadar sürer?";

/** Loads the models in this process, as infer does, and lets a few adapters answer one after another. */
export async function measureModelSpeed(models: string, threads: number): Promise<ModelSpeed> {
  const startedAt = performance.now();
  await using engine = await openEmbeddedEngine(models, threads);
  const loadS = (performance.now() - startedAt) / 1000;
  const ids = adapterIds(models);
  const perSecond: number[] = [];
  const promptPerSecond: number[] = [];
  for (let at = 0; at < replies; at++) {
    const adapterId = ids[Math.floor((at * ids.length) / replies)];
    const { timings } = await wholeReply(engine, {
      ...(adapterId === undefined ? {} : { adapterId }),
      prompt: { messages: [{ role: "user", content: prompt }] },
      maxTokens: replyTokens,
      sampling: { temperature: 0 },
    });
    perSecond.push(timings.predicted_per_second);
    promptPerSecond.push(timings.prompt_per_second);
  }
  return {
    loadS,
    tokensPerSecond: mean(perSecond) ?? 0,
    promptPerSecond: mean(promptPerSecond) ?? 0,
    threads,
    megabytes: bytesOf(models) / 1e6,
  };
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(folder, name)));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
