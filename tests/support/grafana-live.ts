import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const samples = "tests/fixtures/monitoring";

/** An exporter that says again and again what a real one once said. */
export async function startRecordedExporter(file: string): Promise<AsyncDisposable & { readonly target: string }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(readFileSync(join(samples, file)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A `nvidia-smi` first on the path, which says what stands in the sample: a machine without a GPU has no other way to show its panels. */
export function standInForNvidiaSmi(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "sektor-gpu-"));
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\ncat ${join(process.cwd(), samples, "nvidia-smi.csv")}\n`);
  chmodSync(program, 0o755);
  return {
    path: `${folder}${delimiter}${process.env["PATH"]}`,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
