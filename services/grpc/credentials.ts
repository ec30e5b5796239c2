import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import type { Settings } from "../settings/index.ts";
import { GrpcTlsError } from "./errors.ts";

type Tls = Settings["grpc"]["tls"];

/** Whether callers must show a certificate of their own. */
export function asksForCertificates({ clientCa }: Tls): boolean {
  return clientCa !== "";
}

/**
 * What the server shows its callers, and asks of them: nothing, TLS, or TLS in both directions.
 * @throws {GrpcTlsError} only half of it is set, a file cannot be read, or it holds something else
 */
export function loadCredentials({ cert, key, clientCa }: Tls): ServerCredentials {
  if (cert === "" && key === "" && clientCa === "") return ServerCredentials.createInsecure();
  if (cert === "" || key === "")
    throw new GrpcTlsError({
      en: "grpc.tls.cert and grpc.tls.key belong together, and grpc.tls.clientCa needs both.",
      tr: "grpc.tls.cert ile grpc.tls.key birlikte verilir; grpc.tls.clientCa ikisini de ister.",
    });
  const ca = clientCa === "" ? null : read("grpc.tls.clientCa", clientCa);
  const pair = { cert_chain: read("grpc.tls.cert", cert), private_key: read("grpc.tls.key", key) };
  try {
    // grpc-js would find out at the first connection, and drop it.
    createSecureContext({ cert: pair.cert_chain, key: pair.private_key });
    // Node takes an authority that is none, and then trusts nobody.
    if (ca !== null) new X509Certificate(ca);
  } catch (failure) {
    throw new GrpcTlsError(
      {
        en: "they are no PEM files, or the key is another certificate's.",
        tr: "PEM dosyası değiller ya da anahtar başka bir sertifikanın.",
      },
      failure,
    );
  }
  return ServerCredentials.createSsl(ca, [pair], ca !== null);
}

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (failure) {
    throw new GrpcTlsError(
      { en: `the file of ${setting} cannot be read.`, tr: `${setting} dosyası okunamıyor.` },
      failure,
    );
  }
}
