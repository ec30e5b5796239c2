import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDevCertificates } from "../lib/dev-certificates.ts";

export interface SecretOptions {
  /** Of the certificate for trials. */
  readonly hosts: readonly string[];
  readonly alertWebhookUrl: string;
}

/**
 * Every file that docker-compose.yml mounts. One that is there stays, and those that depend on it are made from it.
 * Files are readable by all, since each container's user is another; the folder is for its owner alone, and that is what keeps them.
 */
export function makeSecrets(
  folder: string,
  { hosts, alertWebhookUrl }: SecretOptions,
): { readonly made: readonly string[]; readonly kept: readonly string[] } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made: string[] = [];
  const kept: string[] = [];
  const file = (name: string, content: () => string): string => {
    const path = join(folder, name);
    if (existsSync(path)) {
      kept.push(name);
      return readFileSync(path, "utf8").trim();
    }
    const text = content();
    // No line's end: some readers take it for part of the password.
    writeFileSync(path, text, { mode: 0o444 });
    made.push(name);
    return text;
  };
  // Hexadecimal: nothing in it means anything in a URL, in YAML or to a shell.
  const random = (): string => randomBytes(24).toString("hex");

  const postgres = file("postgres_password", random);
  file("postgres_url", () => `postgres://sektor:${postgres}@postgres:5432/sektor`);
  const redis = file("redis_password", random);
  file("redis_url", () => `redis://default:${redis}@redis:6379`);
  file("redis_users", () => `user default on #${sha256(redis)} ~* &* +@all\n`);
  file("redis_exporter", () => JSON.stringify({ "redis://redis:6379": redis }));
  file("grafana_admin_password", random);
  const operator = file("api_key", random);
  const metrics = file("metrics_key", random);
  file("api_key_sha256", () => `${sha256(operator)},${sha256(metrics)}`);
  file("webhook_secret", random);
  file("engine_token", random);
  file("alert_webhook_url", () => alertWebhookUrl);
  certificate(folder, hosts, file);
  return { made, kept };
}

function certificate(folder: string, hosts: readonly string[], file: (name: string, content: () => string) => string) {
  if (existsSync(join(folder, "tls_certificate")) && existsSync(join(folder, "tls_key"))) return;
  const work = mkdtempSync(join(tmpdir(), "sektor-trial-"));
  try {
    const { ca, server } = makeDevCertificates(work, hosts, 30);
    file("tls_certificate", () => readFileSync(server.cert, "utf8"));
    // Not mounted anywhere: for clients, the smoke test among them, which must know whom to trust.
    file("tls_trial_ca", () => readFileSync(ca.cert, "utf8"));
    file("tls_key", () => readFileSync(server.key, "utf8"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
