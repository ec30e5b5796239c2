import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface DevCertificates {
  readonly ca: Pair;
  readonly server: Pair;
  readonly client: Pair;
}

/**
 * An authority of its own, and a certificate of it for a server and for a client. Keys are readable by their owner alone.
 * @param folder is made; files that are there are written anew
 * @param hosts names and addresses the server is called by
 * @throws {Error} there is no OpenSSL 3
 */
export function makeDevCertificates(folder: string, hosts: readonly string[], days: number): DevCertificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(tmpdir(), "sektor-certificates-"));
  const pair = (name: string): Pair => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  const made = { ca: pair("ca"), server: pair("server"), client: pair("client") };
  try {
    const config = join(work, "openssl.cnf");
    writeFileSync(config, configuration(hosts));
    const make = (section: string, name: string, { cert, key }: Pair, signer: readonly string[]): void => {
      const what = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      const whose = ["-config", config, "-extensions", section, "-subj", `/CN=${name}`, "-days", String(days)];
      execFileSync("openssl", [...what, ...whose, ...signer, "-keyout", key, "-out", cert], { stdio: "pipe" });
    };
    const signer = ["-CA", made.ca.cert, "-CAkey", made.ca.key];
    make("ca", "sektor-dev-ca", made.ca, []);
    make("server", hosts[0] ?? "localhost", made.server, signer);
    make("client", "sektor-dev-client", made.client, signer);
    return made;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function configuration(hosts: readonly string[]): string {
  const names = hosts.map((host) => `${isIP(host) === 0 ? "DNS" : "IP"}:${host}`).join(",");
  return `[req]
distinguished_name = subject
prompt = no
[subject]
[ca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${names}
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
`;
}
