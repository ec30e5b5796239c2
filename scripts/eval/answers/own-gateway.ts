import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { embeddedModel } from "../../../bench/support/embedded-engine.ts";
import { untilHealthy } from "../../../bench/support/llama-server.ts";
import { startServe } from "../../../bench/support/serve.ts";

export interface OwnGateway extends AsyncDisposable {
  readonly url: string;
}

export interface OwnGatewayOptions {
  readonly models: string;
  /** The documents it answers from. */
  readonly knowledgeFolder: string;
  readonly threads: number | undefined;
}

/** The gateway and its engine as `npm start` runs them, on a free loopback port and a data folder of their own. */
export async function startOwnGateway({ models, knowledgeFolder, threads }: OwnGatewayOptions): Promise<OwnGateway> {
  const { model, manifest, adapters } = embeddedModel(resolve(models));
  const folder = mkdtempSync(join(tmpdir(), "sektor-eval-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const gateway = await startServe({
      SEKTOR_MODEL: model,
      SEKTOR_MODEL_MANIFEST: manifest,
      SEKTOR_ADAPTERS: adapters,
      SEKTOR_ROUTER: resolve(models, "router"),
      SEKTOR_KNOWLEDGE: resolve(knowledgeFolder),
      SEKTOR_DATA: join(folder, "data"),
      SEKTOR_GPU: "off",
      SEKTOR_REQUESTS_PER_MINUTE: "1000000",
      ...(threads === undefined ? {} : { SEKTOR_THREADS: String(threads) }),
    });
    const stop = async (): Promise<void> => {
      await gateway[Symbol.asyncDispose]();
      removeFolder();
    };
    try {
      await untilHealthy(gateway.url, 120_000, "/health/ready");
    } catch (failure) {
      await stop();
      throw failure;
    }
    return { url: gateway.url, [Symbol.asyncDispose]: stop };
  } catch (failure) {
    removeFolder();
    throw failure;
  }
}
